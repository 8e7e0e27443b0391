import JSONCore
import Objects
import Reconciling
import Values

/// Makes a certificate of an approved request; throws a text for people when the request is not as its signer wants it.
/// It takes the `spec` of the request and gives PEM in base64, as `status.certificate` holds it.
public typealias CertificateSigner = @Sendable (_ spec: JSON, _ now: Instant) throws(SigningFailure) -> String

public struct SigningFailure: Error, Sendable {
  public var message: String

  public init(message: String) { self.message = message }
}

/// Signs requests that were approved, for the signers that are Kubernetes' own.
public struct SigningRequestSigner: Controller {
  public let name = "certificatesigningrequest-signing-controller"

  static let signers: Set<String> = [
    "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet",
    "kubernetes.io/kubelet-serving",
  ]

  private let sign: CertificateSigner

  public init(sign: @escaping CertificateSigner) { self.sign = sign }

  public var watches: [Watch] { [.each(.signingRequests)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let spec = json["spec"] ?? .emptyObject
    var conditions = Conditions(json["status"])
    guard Self.signers.contains(spec.text("signerName")), conditions.isTrue("Approved"), !conditions.isTrue("Denied"),
      !conditions.isTrue("Failed"), (json["status"]?.text("certificate") ?? "").isEmpty
    else { return .nothing }
    var status = json["status"] ?? .emptyObject
    do throws(SigningFailure) {
      status["certificate"] = .string(try sign(spec, now))
    } catch {
      conditions.set(
        "Failed", "True", reason: "SignerValidationFailure", message: error.message, at: now,
        extra: [("lastUpdateTime", .string(now.rfc3339))])
      conditions.write(to: &status)
    }
    return Plan(Action.status(object, from: json["status"], to: status).map { [$0] } ?? [])
  }
}
