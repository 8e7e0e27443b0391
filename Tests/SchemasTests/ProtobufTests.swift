import JSONCore
import Testing
import Values

@testable import Schemas

@Suite struct ProtobufTests {
  let catalog = Catalog.builtIn

  private func roundTrip(_ text: String, _ kind: GroupVersionKind) throws -> (JSON, JSON) {
    let schema = try #require(catalog.schema(of: kind))
    var unknown: [String] = []
    let json = try schema.decode(try JSON.parse(text), unknown: &unknown)
    #expect(unknown.isEmpty)
    let body = try decode(encode(json, schema))
    return (json, try schema.decode(body.json, unknown: &unknown))
  }

  private func encode(_ json: JSON, _ schema: ObjectSchema) -> [UInt8] {
    let type = GroupVersionKind(apiVersion: json.text("apiVersion"), kind: json.text("kind"))
    let blob = ProtobufCodec.encode(json.blob, as: type, schema: schema)
    return withExtendedLifetime(blob) { Array(blob.bytes) }
  }

  private func decode(_ bytes: [UInt8]) throws -> ProtobufCodec.Body {
    try bytes.withUnsafeBufferPointer { try ProtobufCodec.decode($0, catalog: catalog) }
  }

  @Test func carriesAPodBothWays() throws {
    let (before, after) = try roundTrip(podText, GroupVersionKind(group: "", version: "v1", kind: "Pod"))
    #expect(before == after)
  }

  @Test func carriesADefinitionBothWays() throws {
    let text = #"""
      {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.b"},
       "spec":{"group":"b","scope":"Namespaced","names":{"kind":"A","plural":"as"},"versions":[{"name":"v1","served":true,
       "storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"x":{"type":"array","items":{"type":"string"},
       "default":["a",1,{"b":null}],"maximum":1.5},"y":{"additionalProperties":false},"z":{"additionalProperties":
       {"type":"integer"}},"w":{"items":[{"type":"string"},{"type":"integer"}],"dependencies":{"k":["l"]}}}}}}]}}
      """#
    let kind = GroupVersionKind(group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition")
    let (before, after) = try roundTrip(text, kind)
    #expect(before == after)
  }

  @Test func writesWhatGoReads() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")))
    let json: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["k": "v"]]
    let expected: [UInt8] =
      [0x6B, 0x38, 0x73, 0x00, 0x0A, 15, 0x0A, 2] + Array("v1".utf8) + [0x12, 9] + Array("ConfigMap".utf8)
      + [0x12, 13, 0x0A, 3, 0x0A, 1, 0x61, 0x12, 6, 0x0A, 1, 0x6B, 0x12, 1, 0x76, 0x1A, 0, 0x22, 0]
    #expect(encode(json, schema) == expected)
  }

  @Test func writesWhatEscapesStandFor() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")))
    let text = "a\"b\\c\n\t\r\u{1}\u{8}\u{C}/\u{1F600}"
    let json: JSON = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": [text: .string(text)],
      "binaryData": ["b": "YQ=="],
    ]
    #expect(try decode(encode(json, schema)).json == json)
  }

  @Test func putsFieldsInTheOrderOfTheirNumbers() throws {
    let schema = try #require(catalog.schema(named: "io.k8s.api.admissionregistration.v1.RuleWithOperations"))
    var coder = Transcoder(capacity: 0)
    let rule: JSON = ["apiGroups": ["g"], "operations": ["o"], "resources": ["r", "s"], "unknown": ["x": [1]]]
    coder.message(rule.blob, schema)
    #expect(Array(coder.out.bytes) == [0x0A, 1, 0x6F, 0x12, 9, 0x0A, 1, 0x67, 0x1A, 1, 0x72, 0x1A, 1, 0x73])
  }

  @Test func valuesOfAnotherTypeAreLeftOut() throws {
    let schema = try #require(catalog.schema(named: "io.k8s.api.core.v1.Container"))
    var coder = Transcoder(capacity: 0)
    let container: JSON = [
      "name": 1, "image": .null, "command": "x", "env": ["a": 1], "stdin": "true", "resources": [1], "tty": true,
    ]
    coder.message(container.blob, schema)
    #expect(Array(coder.out.bytes) == [0x90, 0x01, 1])
  }

  @Test func textThatIsNoJSONEndsTheWalk() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "", version: "v1", kind: "Pod")))
    let text = try JSON.parse(podText).text
    var random = Random(state: 7)
    for _ in 0..<2_000 {
      var broken = Array(text.utf8)
      broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next())
      broken.removeLast(Int(random.next() % UInt64(broken.count)))
      var coder = Transcoder(capacity: 0)
      coder.message(Blob(broken), schema)
      #expect(coder.out.count < text.utf8.count * 20)
    }
  }

  /// `kubectl create deployment web --image=nginx:1 --replicas=3 --port=80` of kubectl 1.33.
  @Test func readsWhatKubectlSends() throws {
    let digits = Array(
      """
      6b3873000a150a07617070732f7631120a4465706c6f796d656e7412ba010a1f0a0377656212001a0022002a003200380042\
      005a0a0a0361707012037765621288010803120c0a0a0a0361707012037765621a6e0a1c0a0012001a0022002a0032003800\
      42005a0a0a036170701203776562124e12300a056e67696e7812076e67696e783a312a00320a0a001000185022002a004200\
      6a007200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a002800\
      38001a0c0800100018002000280038001a002200
      """.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)!
    }
    let expected = try JSON.parse(
      #"""
      {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{"app":"web"},"name":"web"},"spec":{"replicas":3,
       "selector":{"matchLabels":{"app":"web"}},"strategy":{},"template":{"metadata":{"labels":{"app":"web"}},"spec":
       {"containers":[{"image":"nginx:1","name":"nginx","ports":[{"containerPort":80}],"resources":{}}]}}},"status":{}}
      """#)
    let body = try decode(bytes)
    var unknown: [String] = []
    let schema = try #require(catalog.schema(of: GroupVersionKind(apiVersion: body.apiVersion, kind: body.kind)))
    let decoded = try schema.decode(body.json, unknown: &unknown, setsDefaults: false)
    #expect(decoded == expected)
  }

  @Test func readsOptionsOfAnyGroup() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "apps", version: "v1", kind: "DeleteOptions")))
    let options: JSON = [
      "apiVersion": "apps/v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0, "propagationPolicy": "Orphan",
    ]
    #expect(try decode(encode(options, schema)).json == options)
  }

  @Test func framesWatchEvents() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "", version: "v1", kind: "Namespace")))
    let object: JSON = ["metadata": ["name": "n"]]
    let type = GroupVersionKind(group: "", version: "v1", kind: "Namespace")
    let blob = ProtobufCodec.encodeWatchFrame("ADDED", object.blob, as: type, schema: schema)
    let frame = withExtendedLifetime(blob) { Array(blob.bytes) }
    #expect(Int(frame[3]) == frame.count - 4)
    #expect(Array(frame[4..<11]) == [0x0A, 5] + Array("ADDED".utf8))
  }

  @Test func malformedBytesAreAnError() throws {
    let schema = try #require(catalog.schema(of: GroupVersionKind(group: "", version: "v1", kind: "Pod")))
    let bytes = encode(try JSON.parse(podText), schema)
    var random = Random(state: 42)
    for round in 0..<4_000 {
      var broken = bytes
      for _ in 0...(round % 4) {
        broken[4 + Int(random.next() % UInt64(bytes.count - 4))] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 3 == 0 { broken.removeLast(Int(random.next() % UInt64(bytes.count - 4))) }
      do { _ = try decode(broken) } catch is DecodeError { continue }
    }
  }

  @Test func deepMessagesAreAnError() {
    let schema = catalog.schema(named: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")!
    let number = schema.field("not")!.numbers[0]
    var inner: [UInt8] = []
    for _ in 0..<5000 {
      var writer = ProtobufWriter()
      inner.withUnsafeBufferPointer { writer.data(number, $0) }
      inner = Array(writer.bytes)
    }
    #expect(throws: DecodeError.self) { try inner.withUnsafeBufferPointer { try schema.decode($0) } }
  }

  private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }

  private let podText = #"""
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n","creationTimestamp":"2026-01-02T03:04:05Z",
      "labels":{"b":"2","a":"1"},"generation":3,"managedFields":[{"manager":"m","operation":"Update","fieldsType":"FieldsV1",
      "fieldsV1":{"f:spec":{}},"time":"2026-01-02T03:04:05Z"}],"ownerReferences":[{"apiVersion":"v1","kind":"X","name":"x",
      "uid":"u","controller":false}]},
     "spec":{"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}],"stdin":true,
       "resources":{"limits":{"cpu":"1500m","memory":"1Gi"}},
       "livenessProbe":{"httpGet":{"port":"web"},"initialDelaySeconds":3},"readinessProbe":{"tcpSocket":{"port":80}},
       "env":[{"name":"A","value":"b"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
       "securityContext":{"runAsUser":0,"privileged":false,"capabilities":{"add":["X"]}},
       "volumeMounts":[{"name":"v","mountPath":"/x","readOnly":true}]}],
       "ephemeralContainers":[{"name":"e","image":"j","targetContainerName":"c"}],
       "volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}},{"name":"s","secret":{"secretName":"s","optional":false}},
       {"name":"h","hostPath":{"path":"/x"}},{"name":"q","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}],
       "tolerations":[{"operator":"Exists","tolerationSeconds":0}],"nodeSelector":{"a":"b"},"priority":-5,
       "hostNetwork":true,"activeDeadlineSeconds":9223372036854775807},
     "status":{"phase":"Running","startTime":"2026-01-02T03:04:05Z","conditions":[{"type":"Ready","status":"True",
       "lastTransitionTime":"2026-01-02T03:04:05Z"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":2,
       "image":"i","imageID":"","state":{"running":{"startedAt":"2026-01-02T03:04:05Z"}}}]}}
    """#
}
