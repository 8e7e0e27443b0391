import JSONCore
import Objects
import Testing
import Values

@testable import Registry

/// What admission keeps from kubelets, approvers and signers.
@Suite struct RestrictionTests {
  private static let kubelet = WriteOptions(
    caller: Caller(name: "system:node:n1", groups: ["system:nodes", "system:authenticated"]), fieldManager: "kubelet")

  private func message(_ work: () async throws(Status) -> Void) async -> String {
    do throws(Status) {
      try await work()
      return ""
    } catch {
      return error.message
    }
  }

  @Test func kubeletsTouchOnlyTheirOwnNode() async throws {
    let test = try await TestCluster()
    for name in ["n1", "n2"] { try await test.create("nodes", "", ["metadata": ["name": .string(name)]]) }
    func patch(_ node: String, _ patch: JSON) async -> String {
      await message { () async throws(Status) in
        _ = try await test.cluster.patch(
          test.kind("nodes"), namespace: "", name: node, subresource: nil, Patch(.merge, patch), Self.kubelet)
      }
    }
    #expect(
      await patch("n2", ["metadata": ["labels": ["a": "b"]]])
        == #"nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2""#)
    #expect(await patch("n1", ["metadata": ["labels": ["a": "b", "topology.kubernetes.io/zone": "z"]]]) == "")
    #expect(
      await patch(
        "n1", ["metadata": ["labels": ["node-role.kubernetes.io/x": "", "node-restriction.kubernetes.io/y": ""]]])
        == #"nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/y, "#
        + "node-role.kubernetes.io/x")
    #expect(
      await patch("n1", ["spec": ["taints": []]])
        == #"nodes "n1" is forbidden: node "n1" is not allowed to modify taints"#)
  }

  @Test func kubeletsTouchOnlyTheirOwnPods() async throws {
    let test = try await TestCluster()
    try await test.create("nodes", "", ["metadata": ["name": "n1"]])
    var pod = TestCluster.pod("other")
    pod["spec", default: .emptyObject]["nodeName"] = "n2"
    let stored = try await test.create("pods", "default", pod)
    let caller = Self.kubelet.caller
    #expect(
      await message { () async throws(Status) in
        _ = try await test.cluster.delete(
          test.kind("pods"), namespace: "default", name: "other", DeleteOptions(caller: caller))
      } == #"pods "other" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself"#)
    #expect(
      await message { () async throws(Status) in
        _ = try await test.cluster.create(
          test.kind("pods"), namespace: "default", TestCluster.pod("new"), Self.kubelet)
      }
        == #"pods "new" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only "#
        + "create mirror pods")
    let request: JSON = [
      "spec": [
        "boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "other", "uid": .string(stored.uid)]
      ]
    ]
    try await test.create("serviceaccounts", "default", ["metadata": ["name": "default"]])
    #expect(
      await message { () async throws(Status) in
        _ = try await test.cluster.createToken(namespace: "default", name: "default", request, Self.kubelet)
      } == #"serviceaccounts "default" is forbidden: node requested token bound to a pod scheduled on a different node"#
    )
  }

  @Test func claimsGrowOnlyWhereTheirClassAllows() async throws {
    let test = try await TestCluster()
    for (name, isExpandable) in [("fixed", false), ("elastic", true)] {
      try await test.create(
        "storageclasses.storage.k8s.io", "",
        ["metadata": ["name": .string(name)], "provisioner": "p", "allowVolumeExpansion": JSON(isExpandable)])
      try await test.create(
        "persistentvolumeclaims", "default",
        [
          "metadata": ["name": .string(name)],
          "spec": [
            "accessModes": ["ReadWriteOnce"], "storageClassName": .string(name),
            "resources": ["requests": ["storage": "1Gi"]],
          ],
        ])
      try await test.patch(
        "persistentvolumeclaims", "default", name, "status", ["status": ["phase": "Bound"]])
    }
    func grow(_ name: String) async -> String {
      await message { () async throws(Status) in
        try await test.patch(
          "persistentvolumeclaims", "default", name, ["spec": ["resources": ["requests": ["storage": "2Gi"]]]])
      }
    }
    #expect(
      await grow("fixed")
        == #"persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the "#
        + "storageclass that provisions the pvc must support resize")
    #expect(await grow("elastic") == "")
  }

  /// `O=system:masters, CN=eve` and `O=devs, CN=jane`.
  private static let masters =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaU1JR0pBZ0VBTUNjeEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6"
    + "TVF3d0NnWURWUVFEREFObApkbVV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVF5MmRpRXVranAzYStnT3dtWWZnaENqeW5tCkJj"
    + "ME9kb2FTTlJTdUNqUktXanM0dnVmaDF5OFlxU2w0c0R2VSs2d2tjMzdQOW9kRmh3Ny9PSTVYK0xQTG9BQXcKQ2dZSUtvWkl6ajBFQXdJRFNBQXdS"
    + "UUloQU1EVStnVjJRWmxKWVVVV2hMbnRRVFlqdHFXSFJIMElSclhLVU5aWApFV21iQWlBbUlrOGt3L2d6bGFoeFhXSWQxTG0weUVLOVU1MEsxc1Ra"
    + "Vnd3N29CVGpLUT09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo="
  private static let developers =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWk1JR0FBZ0VBTUI0eERUQUxCZ05WQkFvTUJHUmxkbk14RFRBTEJnTlZCQU1N"
    + "QkdwaGJtVXdXVEFUQmdjcQpoa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVF5MmRpRXVranAzYStnT3dtWWZnaENqeW5tQmMwT2RvYVNOUlN1CkNq"
    + "UktXanM0dnVmaDF5OFlxU2w0c0R2VSs2d2tjMzdQOW9kRmh3Ny9PSTVYK0xQTG9BQXdDZ1lJS29aSXpqMEUKQXdJRFNBQXdSUUlnWXBpMERRWHhV"
    + "VFViVnI1cnlRbHY3WnpvMnVqMFlWbEhiRWZYRzY2UHZSY0NJUURBL2FTTgpyOXRZN0dMNXdTMjJ1VDJlT0U4YXJsZnpqZWZKMXdaK0dTNVBvdz09"
    + "Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo="

  private static func signingRequest(_ name: String, _ request: String) -> JSON {
    [
      "metadata": ["name": .string(name)],
      "spec": [
        "request": .string(request), "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"],
      ],
    ]
  }

  @Test func readsTheSubjectOfARequest() {
    #expect(CertificateRequestText.organizations(Self.masters) == ["system:masters"])
    #expect(CertificateRequestText.organizations(Self.developers) == ["devs"])
    #expect(CertificateRequestText.organizations("") == nil)
    #expect(CertificateRequestText.organizations(Base64.encode(Array("-----BEGIN".utf8))) == nil)
  }

  @Test func certificatesNeedTheRightHands() async throws {
    let test = try await TestCluster()
    let resource = "certificatesigningrequests.certificates.k8s.io"
    #expect(
      await message { () async throws(Status) in
        try await test.create(resource, "", Self.signingRequest("eve", Self.masters))
      }
        == #"certificatesigningrequests.certificates.k8s.io "eve" is forbidden: use of "#
        + "kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed")
    let made = try await test.create(resource, "", Self.signingRequest("jane", Self.developers))
    let jane = WriteOptions(caller: Caller(name: "jane", groups: ["system:authenticated"]), fieldManager: "test")
    func write(_ subresource: String, _ status: JSON) async -> String {
      var body = made
      body["status"] = status
      return await message { () async throws(Status) in
        _ = try await test.cluster.update(
          test.kind(resource), namespace: "", name: "jane", subresource: subresource, body, jane)
      }
    }
    let approved: JSON = ["conditions": [["type": "Approved", "status": "True", "reason": "r"]]]
    #expect(
      await write("approval", approved)
        == #"certificatesigningrequests.certificates.k8s.io "jane" is forbidden: user not permitted to approve requests "#
        + #"with signerName "kubernetes.io/kube-apiserver-client""#)
    #expect(
      await write("status", ["certificate": .string(Base64.encode(Array("-----BEGIN CERTIFICATE-----".utf8)))])
        == #"certificatesigningrequests.certificates.k8s.io "jane" is forbidden: user not permitted to sign requests "#
        + #"with signerName "kubernetes.io/kube-apiserver-client""#)
  }

  @Test func podsThatComeWithTheirNodeGetItsZone() async throws {
    let test = try await TestCluster()
    try await test.create(
      "nodes", "", ["metadata": ["name": "n1", "labels": ["topology.kubernetes.io/zone": "z"]]])
    var pod = TestCluster.pod("p")
    pod["spec", default: .emptyObject]["nodeName"] = "n1"
    let made = try await test.create("pods", "default", pod)
    #expect(made.at("metadata", "labels", "topology.kubernetes.io/zone") == "z")
  }
}
