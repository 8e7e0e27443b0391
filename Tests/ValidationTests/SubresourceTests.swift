import JSONCore
import Objects
import Testing

@testable import Validation

/// Writes to subresources, and the faults that they must be told of.
@Suite struct SubresourceTests {
  static func faults(_ resource: GroupResource, _ subresource: String, _ new: JSON, _ old: JSON) -> [String] {
    var new = new
    var old = old
    for field in ["name", "resourceVersion"] {
      new["metadata", default: .emptyObject][field] = "1"
      old["metadata", default: .emptyObject][field] = "1"
    }
    return Validation.update(resource, subresource, new: new, old: old, isNamespaced: false).map(\.description)
  }

  @Test func addressesOfPods() {
    let pods = GroupResource("", "pods")
    let valid: JSON = ["status": ["podIPs": [["ip": "10.0.0.1"], ["ip": "fd00::1"]]]]
    #expect(Self.faults(pods, "status", valid, [:]).isEmpty)
    let invalid: JSON = ["status": ["podIPs": [["ip": "nope"]], "conditions": [["type": "Ready"]]]]
    #expect(
      Self.faults(pods, "status", invalid, [:]) == [
        #"status.podIPs[0]: Invalid value: "nope": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
      ])
  }

  @Test func whatHasEndedStaysEnded() {
    let pods = GroupResource("", "pods")
    let old: JSON = [
      "spec": ["restartPolicy": "Never"],
      "status": ["containerStatuses": [["name": "c", "state": ["terminated": ["exitCode": 0]]]]],
    ]
    let new: JSON = [
      "spec": ["restartPolicy": "Never"], "status": ["containerStatuses": [["name": "c", "state": ["running": [:]]]]],
    ]
    #expect(
      Self.faults(pods, "status", new, old) == [
        "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"
      ])
  }

  @Test func countsOfReplicas() {
    let status: JSON = ["status": ["replicas": 1, "readyReplicas": 2, "availableReplicas": -1]]
    #expect(
      Self.faults(GroupResource("apps", "deployments"), "status", status, [:]) == [
        "status.availableReplicas: Invalid value: -1: must be greater than or equal to 0",
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
      ])
  }

  @Test func finalizersOfNamespaces() {
    let object: JSON = ["spec": ["finalizers": ["kubernetes", "x.io/y", "plain"]]]
    #expect(
      Self.faults(GroupResource("", "namespaces"), "finalize", object, [:]) == [
        #"spec.finalizers[2]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified"#
      ])
  }

  @Test(
    arguments: [
      ("10.0.0.1", nil), ("10.0.0.01", "must not have leading 0s"), ("::1", nil),
      ("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"),
      ("1.2.3", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
    ] as [(String, String?)])
  func addresses(_ text: String, _ problem: String?) { #expect(IPAddress.problem(text) == problem) }

  @Test(
    arguments: [
      ("10.0.0.0/8", nil), ("10.0.0.1/8", "must not have bits set beyond the prefix length"),
      ("10.00.0.0/8", "must not have leading 0s in IP or prefix length"),
      ("10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
    ] as [(String, String?)])
  func blocks(_ text: String, _ problem: String?) { #expect(CIDR.problem(text) == problem) }
}
