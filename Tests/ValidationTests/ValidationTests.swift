import JSONCore
import Objects
import Testing

@testable import Validation

/// Objects and the faults that they must be told of, in full.
@Suite struct ValidationTests {
  struct Example: Sendable {
    var resource: GroupResource
    var object: String
    var faults: [String]
  }

  static let pods = GroupResource("", "pods")
  static let container = #"{"name":"c","image":"i","imagePullPolicy":"Always","terminationMessagePolicy":"File"}"#

  static func pod(_ spec: String) -> String {
    #"{"metadata":{"name":"p","namespace":"n"},"spec":{"restartPolicy":"Always","dnsPolicy":"ClusterFirst","#
      + spec + "}}"
  }

  static let examples = [
    Example(resource: pods, object: pod(#""containers":[\#(container)]"#), faults: []),
    Example(resource: pods, object: pod(#""containers":[]"#), faults: ["spec.containers: Required value"]),
    Example(
      resource: pods, object: pod(#""containers":[\#(container),\#(container)]"#),
      faults: [#"spec.containers[1].name: Duplicate value: "c""#]),
    Example(
      resource: pods, object: pod(#""containers":[\#(container)],"hostname":"a.b""#),
      faults: [#"spec.hostname: Invalid value: "a.b": must not contain dots"#]),
    Example(
      resource: pods, object: pod(#""containers":[\#(container)],"tolerations":[{"value":"b"}]"#),
      faults: [
        #"spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, "#
          + #"which means "match all values and all keys""#
      ]),
    Example(
      resource: GroupResource("", "configmaps"),
      object: #"{"metadata":{"name":"a_b","namespace":"n","labels":{"a":"b c"}},"data":{"..":"x"}}"#,
      faults: Names.subdomain("a_b").map { #"metadata.name: Invalid value: "a_b": "# + $0 }
        + Names.labelValue("b c").map { #"metadata.labels: Invalid value: "b c": "# + $0 }
        + [#"data[..]: Invalid value: "..": must not be '..'"#]),
    Example(
      resource: GroupResource("scheduling.k8s.io", "priorityclasses"),
      object: #"{"metadata":{"name":"high"},"value":2000000000}"#,
      faults: ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"]),
    Example(
      resource: GroupResource("", "events"),
      object: #"{"metadata":{"name":"e","namespace":"n"},"involvedObject":{"namespace":"m"}}"#,
      faults: [#"involvedObject.namespace: Invalid value: "m": does not match event.namespace"#]),
  ]

  @Test(arguments: examples) func create(_ example: Example) throws {
    let object = try JSON.parse(example.object)
    let isNamespaced = object.at("metadata", "namespace") != nil
    let faults = Validation.create(example.resource, object, isNamespaced: isNamespaced)
    #expect(faults.map(\.description) == example.faults)
  }

  @Test func podUpdatesMayChangeOnlyImages() throws {
    var old = try JSON.parse(Self.pod(#""containers":[\#(Self.container)],"nodeName":"n1""#))
    old["metadata"]?["resourceVersion"] = "1"
    var new = old
    new["spec"]?["containers"] = [
      ["name": "c", "image": "other", "imagePullPolicy": "Always", "terminationMessagePolicy": "File"]
    ]
    #expect(Validation.update(Self.pods, new: new, old: old, isNamespaced: true).isEmpty)
    new["spec"]?["nodeName"] = "n2"
    let faults = Validation.update(Self.pods, new: new, old: old, isNamespaced: true)
    #expect(faults.map(\.reason) == [.forbidden])
    #expect(faults.first?.field == "spec")
  }

  @Test func claimChangesAreShownAsADifference() {
    let old: JSON = [
      "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]], "volumeMode": "Filesystem",
    ]
    var new = old
    new["resources"] = ["requests": ["storage": "500Mi"]]
    let expected = """
      @@ -6,7 +6,7 @@
        "Resources": {
         "Limits": null,
         "Requests": {
      -   "storage": "1Gi"
      +   "storage": "500Mi"
         }
        },
        "VolumeName": "",

      """
    #expect(GoDifference.text(old, new, .claimSpec) == expected)
  }
}
