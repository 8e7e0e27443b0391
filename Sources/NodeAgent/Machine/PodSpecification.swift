import JSONCore
import Objects
import Reconciling
import Values

/// What a node must know of a pod for as long as it runs there, read once from the pod's object.
///
/// A cluster has thousands of them, so what only a start or a look needs (variables, volumes, labels) is not kept: it is in
/// the pod's object, which the snapshot has anyway (`PodDetails`).
public struct PodSpecification: Sendable {
  public let key: Key
  public let uid: String
  /// Of the object's state that this was read from.
  let revision: Int64
  public let generation: Int
  /// Its end has been asked for.
  public let isBeingDeleted: Bool
  /// Seconds between the wish that a pod ends and its violent end.
  public let gracePeriodSeconds: Int
  public let activeDeadlineSeconds: Int?
  public let restartPolicy: String
  public let isOnHostNetwork: Bool
  /// Its containers see each other's processes, and none has the first.
  let sharesProcesses: Bool
  /// It is there to do a job and end.
  let isTask: Bool
  /// Init containers in their order, then the others.
  public let containers: [Container]
  public let gates: [String]
  /// The annotations by which users say how it is to behave.
  let wishes: [String: String]
  /// A fingerprint of all its annotations.
  let annotations: Int

  public init(_ object: Object) { self.init(key: object.key, uid: object.uid, json: object.json) }

  public init(key: Key, uid: String, json: JSON) {
    let spec = json["spec"] ?? .emptyObject
    let metadata = json["metadata"] ?? .emptyObject
    self.key = key
    self.uid = uid
    revision = Int64(metadata.text("resourceVersion")) ?? 0
    generation = json.generation
    isBeingDeleted = json.isBeingDeleted
    gracePeriodSeconds =
      metadata["deletionGracePeriodSeconds"]?.int ?? spec["terminationGracePeriodSeconds"]?.int ?? 30
    activeDeadlineSeconds = spec["activeDeadlineSeconds"]?.int
    restartPolicy = spec["restartPolicy"]?.string ?? "Always"
    isOnHostNetwork = spec["hostNetwork"]?.bool == true
    sharesProcesses = spec["shareProcessNamespace"]?.bool == true
    isTask = restartPolicy != "Always" && metadata.list("ownerReferences").contains { $0.text("kind") == "Job" }
    containers =
      spec.list("initContainers").map { Container($0, role: .initial) }
      + spec.list("containers").map { Container($0, role: .regular) }
      + spec.list("ephemeralContainers").map { Container($0, role: .ephemeral) }
    gates = spec.list("readinessGates").map { $0.text("conditionType") }
    wishes = metadata.strings("annotations").filter { $0.key.hasPrefix(Annotations.prefix) }
    annotations = metadata["annotations"].map { Self.fingerprint($0.blob.bytes) } ?? 0
  }

  subscript(name: String) -> Container? { containers.first { $0.name == name } }

  /// Of the annotations in a stored object.
  static func annotations(of object: Object) -> Int {
    object.metadata?.member("annotations").map { fingerprint($0.bytes) } ?? 0
  }

  private static func fingerprint(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    return hasher.finalize()
  }

  /// As the involved object of events; with the container, where they are about one.
  public func reference(_ container: String = "", role: Role = .regular) -> JSON {
    var result: JSON = [
      "apiVersion": "v1", "kind": "Pod", "namespace": .string(key.namespace), "name": .string(key.name),
      "uid": .string(uid), "resourceVersion": .string(String(revision)),
    ]
    if !container.isEmpty { result["fieldPath"] = .string("spec.\(role.field){\(container)}") }
    return result
  }

  /// `web-0_default(uid)`: how messages name a pod.
  public var label: String { "\(key.name)_\(key.namespace)(\(uid))" }
}

extension PodSpecification {
  public enum Role: Sendable {
    /// Runs to its end before the next begins.
    case initial
    /// An init container that stays.
    case sidecar
    case regular
    case ephemeral

    /// Where containers of this role stand in a pod's spec.
    var field: String {
      switch self {
      case .initial, .sidecar: "initContainers"
      case .regular: "containers"
      case .ephemeral: "ephemeralContainers"
      }
    }
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
    /// What it asks for, of what can be changed while it runs.
    public let resources: JSON
    /// The resources for whose change it must be started anew.
    let restartsForResize: [String]
    let ports: [Port]
    /// What it runs; empty for what its image would.
    let command: [String]
    let arguments: [String]
    /// Where it runs that, without slashes at the ends.
    let folder: String
    let hasInput: Bool
    let hasTerminal: Bool
    /// Its input ends with the first who was attached to it.
    let endsInputOnce: Bool
    /// Where it leaves the message of its end; "" where that is usual.
    let messagePath: String
    /// Its last lines will do, where it left no message.
    let messageIsLog: Bool

    /// Where that is, without slashes at the ends.
    var messageFile: String {
      (messagePath.isEmpty ? "dev/termination-log" : messagePath).split(separator: "/").joined(separator: "/")
    }

    struct Port: Sendable {
      let name: String
      let number: Int?
      let transport: Transport?
    }

    init(_ json: JSON, role: Role) {
      name = json.text("name")
      image = json.text("image")
      pullPolicy = json.text("imagePullPolicy")
      restartPolicy = json.text("restartPolicy")
      self.role = role == .initial && json.text("restartPolicy") == "Always" ? .sidecar : role
      var probes: [ProbeKind: Probe] = [:]
      for kind in ProbeKind.allCases { if let probe = json[kind.rawValue] { probes[kind] = Probe(probe) } }
      self.probes = probes
      postStart = json.at("lifecycle", "postStart").map(Hook.init)
      preStop = json.at("lifecycle", "preStop").map(Hook.init)
      restartRules = json.list("restartPolicyRules").map(RestartRule.init)
      resources = json["resources"] ?? .emptyObject
      restartsForResize = json.list("resizePolicy").filter { $0.text("restartPolicy") == "RestartContainer" }
        .map { $0.text("resourceName") }
      ports = json.list("ports").map {
        Port(name: $0.text("name"), number: $0["containerPort"]?.int, transport: .of($0))
      }
      command = json.list("command").compactMap(\.string)
      arguments = json.list("args").compactMap(\.string)
      folder = json.text("workingDir").split(separator: "/").joined(separator: "/")
      hasInput = json["stdin"]?.bool == true
      hasTerminal = json["tty"]?.bool == true
      endsInputOnce = json["stdinOnce"]?.bool == true
      let path = json.text("terminationMessagePath")
      messagePath = path == "/dev/termination-log" ? "" : path
      messageIsLog = json.text("terminationMessagePolicy") == "FallbackToLogsOnError"
    }
  }
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
