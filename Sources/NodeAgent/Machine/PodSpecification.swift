import JSONCore
import Objects
import Reconciling
import Values

/// What a pod is to be, read once from its object.
public struct PodSpecification: Sendable {
  public let key: Key
  public let uid: String
  public let json: JSON
  public let restartPolicy: String
  public let isOnHostNetwork: Bool
  /// Init containers in their order, then the others.
  public let containers: [Container]
  public let gates: [String]
  public let activeDeadlineSeconds: Int?
  public let generation: Int

  public enum Role: Sendable {
    /// Runs to its end before the next begins.
    case initial
    /// An init container that stays.
    case sidecar
    case regular
    case ephemeral
  }

  public struct Container: Sendable {
    public let name: String
    public let image: String
    public let pullPolicy: String
    public let role: Role
    /// Overrides the pod's; "" does not.
    public let restartPolicy: String
    public let probes: [ProbeKind: Probe]
    public let postStart: Hook?
    public let preStop: Hook?
    /// Exit codes after which it restarts whatever the policy says.
    public let restartRules: [RestartRule]
    public let json: JSON

    init(_ json: JSON, role: Role) {
      name = json.text("name")
      image = json.text("image")
      pullPolicy = json.text("imagePullPolicy")
      restartPolicy = json.text("restartPolicy")
      self.role = role == .initial && json.text("restartPolicy") == "Always" ? .sidecar : role
      self.json = json
      var probes: [ProbeKind: Probe] = [:]
      for kind in ProbeKind.allCases { if let probe = json[kind.rawValue] { probes[kind] = Probe(probe) } }
      self.probes = probes
      postStart = json.at("lifecycle", "postStart").map(Hook.init)
      preStop = json.at("lifecycle", "preStop").map(Hook.init)
      restartRules = json.list("restartPolicyRules").map(RestartRule.init)
    }

    /// What it asks for, of what can be changed while it runs.
    var resources: JSON { json["resources"] ?? .emptyObject }

    /// Whether it must be started anew for a change of this resource.
    func restartsForResize(of resource: String) -> Bool {
      json.list("resizePolicy").contains {
        $0.text("resourceName") == resource && $0.text("restartPolicy") == "RestartContainer"
      }
    }
  }

  public init(_ object: Object) {
    var json = object.json
    // It is kept for as long as the pod lives, and who owns which fields is a third of it.
    json["metadata"]?["managedFields"] = nil
    self.init(key: object.key, uid: object.uid, json: json)
  }

  public init(key: Key, uid: String, json: JSON) {
    let spec = json["spec"] ?? .emptyObject
    self.key = key
    self.uid = uid
    self.json = json
    restartPolicy = spec["restartPolicy"]?.string ?? "Always"
    isOnHostNetwork = spec["hostNetwork"]?.bool == true
    containers =
      spec.list("initContainers").map { Container($0, role: .initial) }
      + spec.list("containers").map { Container($0, role: .regular) }
      + spec.list("ephemeralContainers").map { Container($0, role: .ephemeral) }
    gates = spec.list("readinessGates").map { $0.text("conditionType") }
    activeDeadlineSeconds = spec["activeDeadlineSeconds"]?.int
    generation = json.generation
  }

  /// Seconds between the wish that a pod ends and its violent end.
  public var gracePeriodSeconds: Int {
    json.at("metadata", "deletionGracePeriodSeconds")?.int ?? json.at("spec", "terminationGracePeriodSeconds")?.int
      ?? 30
  }

  /// As the involved object of events; with the container, where they are about one.
  public func reference(_ container: String = "", role: Role = .regular) -> JSON {
    var result = Reference(json, key: key, uid: uid).asInvolved
    if !container.isEmpty {
      let field = role == .regular ? "containers" : role == .ephemeral ? "ephemeralContainers" : "initContainers"
      result["fieldPath"] = .string("spec.\(field){\(container)}")
    }
    return result
  }

  /// `web-0_default(uid)`: how messages name a pod.
  public var label: String { "\(key.name)_\(key.namespace)(\(uid))" }
}

public enum ProbeKind: String, Sendable, CaseIterable {
  case startup = "startupProbe"
  case liveness = "livenessProbe"
  case readiness = "readinessProbe"

  /// `Liveness probe failed: …`
  var title: String {
    switch self {
    case .startup: "Startup"
    case .liveness: "Liveness"
    case .readiness: "Readiness"
    }
  }
}
