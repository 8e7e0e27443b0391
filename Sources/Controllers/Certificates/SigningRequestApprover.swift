import JSONCore
import Objects
import Reconciling
import Values

/// What has to be known to approve the requests of kubelets for their client certificates. Both take the `spec` of a request.
public struct KubeletRequests: Sendable {
  /// The common name that is asked for; nil for what no kubelet would ask as a client.
  public var commonName: @Sendable (_ spec: JSON) -> String?
  /// Whether who made the request may create `certificatesigningrequests/<subresource>`.
  public var mayCreate: @Sendable (_ spec: JSON, _ subresource: String) -> Bool

  public init(
    commonName: @escaping @Sendable (_ spec: JSON) -> String?,
    mayCreate: @escaping @Sendable (_ spec: JSON, _ subresource: String) -> Bool
  ) {
    self.commonName = commonName
    self.mayCreate = mayCreate
  }
}

/// Approves the requests by which kubelets get and renew their client certificates, where roles let those who ask. Serving
/// certificates are for people to approve.
public struct SigningRequestApprover: Controller {
  public let name = "certificatesigningrequest-approving-controller"

  private static let signer = "kubernetes.io/kube-apiserver-client-kubelet"
  /// Who is not allowed yet may be so later.
  private static let interval = Duration.seconds(30)

  private let requests: KubeletRequests

  public init(requests: KubeletRequests) { self.requests = requests }

  public var watches: [Watch] { [.each(.signingRequests)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let spec = json["spec"] ?? .emptyObject
    var conditions = Conditions(json["status"])
    guard spec.text("signerName") == Self.signer, (json["status"]?.text("certificate") ?? "").isEmpty,
      conditions["Approved"] == nil, conditions["Denied"] == nil, let name = requests.commonName(spec)
    else { return .nothing }
    let message: String
    if spec.text("username") == name, requests.mayCreate(spec, "selfnodeclient") {
      message = "Auto approving self kubelet client certificate after SubjectAccessReview."
    } else if requests.mayCreate(spec, "nodeclient") {
      message = "Auto approving kubelet client certificate after SubjectAccessReview."
    } else {
      return Plan([], requeueAfter: Self.interval)
    }
    conditions.set(
      "Approved", "True", reason: "AutoApproved", message: message, at: now,
      extra: [("lastUpdateTime", .string(now.rfc3339))])
    return Plan([
      .patch(
        key, subresource: "approval",
        ["metadata": ["uid": .string(object.uid)], "status": ["conditions": .array(conditions.list)]])
    ])
  }
}
