import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// The small controllers that keep a cluster tidy.
@Suite struct UpkeepTests {
  private let now = Instant(rfc3339: "2026-01-02T00:00:00Z") ?? .epoch

  private func object(_ resource: GroupResource, _ name: String, in namespace: String = "", _ json: JSON) -> Object {
    var json = json
    json["metadata", default: .emptyObject]["name"] = .string(name)
    json["metadata", default: .emptyObject]["uid"] = .string("uid-\(name)")
    return Object(key: Key(resource, namespace: namespace, name: name), revision: 1, blob: json.blob)
  }

  private func plan(_ controller: some Controller, _ key: Key, _ objects: [Object]) -> Plan {
    controller.reconcile(key, Snapshot(revision: 1, objects: objects), now)
  }

  @Test func sumsOfRolesHaveTheRulesOfTheirParts() {
    let first: JSON = ["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]
    let second: JSON = ["verbs": ["list"], "apiGroups": [""], "resources": ["pods"]]
    func part(_ name: String, _ rules: JSON) -> Object {
      object(.clusterRoles, name, ["metadata": ["labels": ["to": "sum"]], "rules": rules])
    }
    let rule: JSON = ["clusterRoleSelectors": [["matchLabels": ["to": "sum"]]]]
    let sum = object(.clusterRoles, "sum", ["aggregationRule": rule, "rules": [first]])
    let parts = [part("a", [first]), part("b", [first, second])]
    #expect(
      plan(ClusterRoleAggregation(), sum.key, parts + [sum])
        == Plan([.patch(sum.key, ["rules": [first, second]])]))
    #expect(plan(ClusterRoleAggregation(), sum.key, [parts[0], sum]).isEmpty)
  }

  @Test(arguments: [(0, 3, 0), (0, 101, 15), (15, 95, 15), (15, 89, 0), (0, 5000, 300), (300, 3, 0)])
  func largeClustersReadLessOften(_ present: Int, _ count: Int, _ expected: Int) {
    #expect(NodeTimeToLive.seconds(from: present, nodes: count) == expected)
  }

  @Test func requestsForCertificatesGoInTime() {
    func request(_ status: JSON) -> Object {
      object(
        .signingRequests, "r", ["metadata": ["creationTimestamp": "2026-01-01T12:00:00Z"], "status": status])
    }
    func decided(_ type: String, _ certificate: String = "") -> Object {
      request([
        "conditions": [["type": .string(type), "status": "True", "lastUpdateTime": "2026-01-01T22:00:00Z"]],
        "certificate": .string(certificate),
      ])
    }
    let key = request([:]).key
    let removal = Plan([.delete(key, Deletion(uid: "uid-r"))])
    #expect(plan(SigningRequestCleaner(), key, [request([:])]) == Plan([], requeueAfter: .seconds(12 * 3600)))
    #expect(plan(SigningRequestCleaner(), key, [decided("Denied")]) == removal)
    #expect(plan(SigningRequestCleaner(), key, [decided("Approved", "eA==")]) == removal)
    #expect(plan(SigningRequestCleaner(), key, [decided("Approved")]).isEmpty)
  }

  @Test func approvedRequestsAreSigned() {
    let request = object(
      .signingRequests, "r",
      [
        "spec": ["signerName": "kubernetes.io/kube-apiserver-client"],
        "status": ["conditions": [["type": "Approved", "status": "True"]]],
      ])
    let signer = SigningRequestSigner { _, _ throws(SigningFailure) in "eA==" }
    var signed = request.json["status"]
    signed?["certificate"] = "eA=="
    #expect(
      plan(signer, request.key, [request]).actions
        == [signed.flatMap { Action.status(request, from: request.json["status"], to: $0) }])
  }

  @Test func podsThatNobodyElseCanEndAreRemoved() {
    func pod(_ spec: JSON, _ metadata: JSON = [:], _ status: JSON = ["phase": "Running"]) -> Object {
      var metadata = metadata
      metadata["creationTimestamp"] = "2026-01-01T00:00:00Z"
      return object(.pods, "p", in: "default", ["metadata": metadata, "spec": spec, "status": status])
    }
    let lost = pod(["nodeName": "gone"])
    let node = Key(.nodes, name: "gone")
    let collector = PodCollector()
    // The node may come back for forty seconds.
    #expect(plan(collector, node, [lost]) == Plan([], requeueAfter: .seconds(40)))
    let snapshot = Snapshot(revision: 1, objects: [lost])
    #expect(collector.reconcile(node, snapshot, now + .seconds(39)).isEmpty)
    #expect(collector.reconcile(node, snapshot, now + .seconds(40)).actions.count == 2)
    #expect(plan(collector, node, [lost, object(.nodes, "gone", [:])]) == .nothing)
    #expect(plan(collector, node, [lost]) == Plan([], requeueAfter: .seconds(40)))
    let unplaced = pod([:], ["deletionTimestamp": "2026-01-01T01:00:00Z"])
    #expect(
      plan(PodCollector(), unplaced.key, [unplaced]).actions.last
        == .delete(unplaced.key, Deletion(uid: "uid-p", gracePeriodSeconds: 0)))
    #expect(plan(PodCollector(), unplaced.key, [pod([:])]).isEmpty)
  }

  @Test func tokenSecretsAreFilledAndGoWithTheirAccount() {
    func secret(_ data: JSON, uid: String?) -> Object {
      var annotations: JSON = ["kubernetes.io/service-account.name": "robot"]
      if let uid { annotations["kubernetes.io/service-account.uid"] = .string(uid) }
      return object(
        .secrets, "s", in: "default",
        ["type": "kubernetes.io/service-account-token", "metadata": ["annotations": annotations], "data": data])
    }
    let account = object(.serviceAccounts, "robot", in: "default", [:])
    let empty = secret([:], uid: nil)
    #expect(
      plan(TokenSecretController(), empty.key, [empty, account]) == Plan([Action(.issueToken(empty.key))]))
    let full = secret(["token": "dA==", "ca.crt": "Yw==", "namespace": "bg=="], uid: "uid-robot")
    #expect(plan(TokenSecretController(), full.key, [full, account]).isEmpty)
    #expect(
      plan(TokenSecretController(), full.key, [full]) == Plan([.delete(full.key, Deletion(uid: "uid-s"))]))
  }

  @Test func kubeletsAreLetInByTheirRoles() {
    func request(_ user: String, _ status: JSON = [:]) -> Object {
      object(
        .signingRequests, "r",
        [
          "spec": ["signerName": "kubernetes.io/kube-apiserver-client-kubelet", "username": .string(user)],
          "status": status,
        ])
    }
    func approver(_ allowed: String...) -> SigningRequestApprover {
      SigningRequestApprover(
        requests: KubeletRequests(
          commonName: { _ in "system:node:n" }, mayCreate: { _, subresource in allowed.contains(subresource) }))
    }
    func message(_ approver: SigningRequestApprover, _ request: Object) -> String? {
      guard case .patch(_, "approval", let patch) = plan(approver, request.key, [request]).actions.first?.verb else {
        return nil
      }
      return patch.at("status", "conditions")?.array?.last?.text("message")
    }
    let own = "Auto approving self kubelet client certificate after SubjectAccessReview."
    let first = "Auto approving kubelet client certificate after SubjectAccessReview."
    #expect(message(approver("selfnodeclient"), request("system:node:n")) == own)
    #expect(message(approver("selfnodeclient"), request("system:bootstrap:x")) == nil)
    #expect(message(approver("nodeclient"), request("system:bootstrap:x")) == first)
    #expect(message(approver("nodeclient"), request("x", ["conditions": [["type": "Denied"]]])) == nil)
    #expect(plan(approver(), request("x").key, [request("x")]) == Plan([], requeueAfter: .seconds(30)))
  }

  @Test func clusterInfoIsSignedWithEachToken() {
    func token(_ id: String, expires: String = "", signs: String = "true") -> Object {
      func text(_ value: String) -> JSON { .string(Base64.encode(Array(value.utf8))) }
      return object(
        .secrets, "bootstrap-token-\(id)", in: "kube-system",
        [
          "type": "bootstrap.kubernetes.io/token",
          "data": [
            "token-id": text(id), "token-secret": text("s"), "usage-bootstrap-signing": text(signs),
            "expiration": text(expires),
          ],
        ])
    }
    let info = object(
      .configMaps, "cluster-info", in: "kube-public", ["data": ["kubeconfig": "K", "jws-kubeconfig-gone": "x"]])
    let signer = BootstrapSigner { content, id, secret in "\(content) by \(id) with \(secret)" }
    let tokens = [
      token("a"), token("b", expires: "2026-01-02T00:01:00Z"), token("c", expires: "2026-01-01T00:00:00Z"),
      token("d", signs: "false"),
    ]
    let made = plan(signer, info.key, [info] + tokens)
    #expect(made.requeueAfter == .seconds(60))
    #expect(
      made.actions == [
        .patch(
          info.key,
          [
            "metadata": ["uid": "uid-cluster-info"],
            "data": [
              "jws-kubeconfig-gone": .null, "jws-kubeconfig-a": "K by a with s", "jws-kubeconfig-b": "K by b with s",
            ],
          ])
      ])
  }

  @Test func tokensOfLongAgoGoInTwoSteps() {
    func secret(_ labels: JSON) -> Object {
      object(
        .secrets, "robot-token-x", in: "default",
        [
          "type": "kubernetes.io/service-account-token",
          "metadata": [
            "creationTimestamp": "2020-01-01T00:00:00Z", "labels": labels,
            "annotations": ["kubernetes.io/service-account.name": "robot"],
          ],
        ])
    }
    let account = object(.serviceAccounts, "robot", in: "default", ["secrets": [["name": "robot-token-x"]]])
    let key = LegacyTokenCleaner.tracking
    func actions(_ labels: JSON, since: String = "2024-12-01", _ more: [Object] = []) -> [Action] {
      let tracking = object(.configMaps, key.name, in: key.namespace, ["data": ["since": .string(since)]])
      return plan(LegacyTokenCleaner(), key, [tracking, secret(labels), account] + more).actions
    }
    let last = "kubernetes.io/legacy-token-last-used"
    let invalid = "kubernetes.io/legacy-token-invalid-since"
    let mark = Action.patch(
      secret([:]).key, ["metadata": ["uid": "uid-robot-token-x", "labels": [invalid: "2026-01-02"]]])
    #expect(actions([:]) == [mark])
    #expect(actions([last: "2024-12-31"]) == [mark])
    #expect(actions([last: "2025-06-01"]).isEmpty)
    #expect(actions([:], since: "2025-02-01").isEmpty)
    #expect(actions([invalid: "2025-06-01"]).isEmpty)
    #expect(
      actions([invalid: "2024-12-31"]) == [.delete(secret([:]).key, Deletion(uid: "uid-robot-token-x", revision: 1))])
    let reader = object(
      .pods, "p", in: "default", ["spec": ["volumes": [["secret": ["secretName": "robot-token-x"]]]]])
    #expect(actions([:], [reader]).isEmpty)
    let place = object(.namespaces, "kube-system", [:])
    guard case .create(.configMaps, let made) = plan(LegacyTokenCleaner(), key, [place]).actions.first?.verb else {
      Issue.record("the day from which uses are noted is not written down")
      return
    }
    #expect(made.at("data", "since") == "2026-01-02")
  }
}
