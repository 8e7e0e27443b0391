import JSONCore
import Objects
import Testing

@testable import Validation

/// Objects that are accepted, and what their authors are told of them.
@Suite struct WarningsTests {
  struct Example: Sendable {
    var resource: GroupResource
    var object: String
    var texts: [String]
  }

  static let pods = GroupResource("", "pods")
  static let deployments = GroupResource("apps", "deployments")
  static let services = GroupResource("", "services")

  static let examples = [
    Example(resource: pods, object: #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c"}]}}"#, texts: []),
    Example(
      resource: pods, object: #"{"metadata":{"name":"p.q"}}"#,
      texts: [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
          + "a DNS label is recommended: [must not contain dots]"
      ]),
    Example(
      resource: pods,
      object: #"{"metadata":{"name":"p"},"spec":{"nodeSelector":{"beta.kubernetes.io/arch":"arm"}}}"#,
      texts: [
        #"spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead"#
      ]),
    Example(
      resource: pods,
      object: #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"1"},"#
        + #"{"name":"A","value":"$(A)2"},{"name":"A","value":"3"}]}]}}"#,
      texts: [
        #"spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply"#
      ]),
    Example(
      resource: pods,
      object: #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","ports":["#
        + #"{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"TCP"}],"#
        + #""resources":{"limits":{"memory":"100m"}}}]}}"#,
      texts: [
        #"spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer"#,
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
      ]),
    Example(
      resource: deployments,
      object: #"{"metadata":{"name":"d"},"spec":{"template":{"spec":{"volumes":[{"name":"v","configMap":{"name":"m","#
        + #""items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}}]}}}}"#,
      texts: [#"volume "v" (ConfigMap "m"): overlapping paths: "x/y" with "x""#]),
    Example(
      resource: services,
      object: #"{"spec":{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"sessionAffinity":"ClientIP"}}"#,
      texts: ["spec.SessionAffinity is ignored for headless services"]),
    Example(
      resource: services, object: #"{"spec":{"type":"ClusterIP","externalIPs":["2001:DB8::1"]}}"#,
      texts: [
        #"spec.externalIPs[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")"#,
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
      ]),
    Example(
      resource: GroupResource("networking.k8s.io", "ingresses"),
      object: #"{"metadata":{"annotations":{"kubernetes.io/ingress.class":"x"}},"spec":{}}"#,
      texts: [#"annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead"#]),
    Example(
      resource: GroupResource("", "persistentvolumeclaims"),
      object: #"{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"x"}}}"#,
      texts: [
        "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; "
          + #"use "storageClassName" attribute instead"#
      ]),
  ]

  @Test(arguments: examples) func create(_ example: Example) throws {
    #expect(Warnings.create(example.resource, try JSON.parse(example.object)) == example.texts)
  }

  @Test func onlyNewTemplatesAreLookedAtAgain() throws {
    let old = try JSON.parse(
      #"{"metadata":{"generation":1},"spec":{"template":{"spec":{"volumes":[{"name":"v","rbd":{}}]}}}}"#)
    #expect(Warnings.update(Self.deployments, new: old, old: old).isEmpty)
    var new = old
    new["metadata"]?["generation"] = 2
    #expect(
      Warnings.update(Self.deployments, new: new, old: old)
        == ["spec.template.spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+"])
  }
}
