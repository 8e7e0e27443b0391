import JSONCore
import Objects
import Reconciling
import Values

/// Whether a node can give the containers of a pod what they now ask for.
public enum ResizeVerdict: Sendable, Equatable {
  case fits
  /// Not as long as the other pods of the node need what they have.
  case deferred(String)
  /// Never on this node.
  case infeasible(String)
}

/// How far a change of resources has come.
struct ResizeState: Sendable {
  enum Phase: Sendable, Equatable {
    case settled
    /// It is asked for, and the node cannot give it (now); reason and message.
    case pending(reason: String, message: String)
    case inProgress
  }

  var phase = Phase.settled
}

/// Changing what running containers may use.
extension PodMachine {
  private static let retryInterval = Duration.seconds(30)
  /// How long a change takes to come into effect.
  private static let resizeTime = Duration.seconds(1)

  /// What each running container asks for and does not have yet.
  private var wishes: [String: JSON] {
    var wishes: [String: JSON] = [:]
    for container in specification.containers where container.role == .regular || container.role == .sidecar {
      guard let state = containers[container.name], state.isRunning, let given = state.resources,
        Self.adjustable(given) != Self.adjustable(container.resources)
      else { continue }
      wishes[container.name] = container.resources
    }
    return wishes
  }

  /// CPU and memory, by amount: `1` and `1000m` are the same.
  private static func adjustable(_ resources: JSON) -> [String: Quantity] {
    var result: [String: Quantity] = [:]
    for list in ["requests", "limits"] {
      for resource in ["cpu", "memory"] { result["\(list).\(resource)"] = Quantity(resources.at(list, resource)) }
    }
    return result
  }

  mutating func checkResize() {
    if isTerminating || isFinished || failure != nil || resize.phase == .inProgress { return }
    if wishes.isEmpty {
      if resize.phase != .settled {
        resize.phase = .settled
        publish()
      }
      return
    }
    effects.append(.judgeResize)
  }

  mutating func noteVerdict(_ verdict: ResizeVerdict) {
    if wishes.isEmpty || resize.phase == .inProgress { return }
    switch verdict {
    case .fits: beginResize()
    case .deferred(let message):
      defer { effects.append(.schedule(.retryResize, after: Self.retryInterval)) }
      wait("Deferred", message)
    case .infeasible(let message): wait("Infeasible", message)
    }
  }

  private mutating func wait(_ reason: String, _ message: String) {
    let phase = ResizeState.Phase.pending(reason: reason, message: message)
    if resize.phase == phase { return }
    resize.phase = phase
    record(.warning, "Resize\(reason)", "Pod resize \(reason == "Deferred" ? "Deferred" : "Infeasible"): \(message)")
    publish()
  }

  private mutating func beginResize() {
    resize.phase = .inProgress
    record(.normal, "ResizeStarted", "Pod resize started: \(shown(wishes))")
    for (name, resources) in wishes.sorted(by: { $0.key < $1.key }) {
      guard let container = specification[name], let given = containers[name]?.resources else { continue }
      containers[name]?.allocated = resources["requests"]
      let (old, new) = (Self.adjustable(given), Self.adjustable(resources))
      let needsRestart = ["cpu", "memory"].contains { resource in
        container.restartsForResize.contains(resource)
          && ["requests", "limits"].contains { old["\($0).\(resource)"] != new["\($0).\(resource)"] }
      }
      if !needsRestart { continue }
      containers[name]?.restartsOnPurpose = true
      containers[name]?.isStopping = true
      record(.normal, "Killing", "Container \(name) resize requires restart", container)
      effects.append(.stop(name, grace: .seconds(max(2, specification.gracePeriodSeconds))))
    }
    effects.append(.schedule(.resize, after: Self.resizeTime))
    publish()
  }

  /// What can be changed in place has been; those that had to restart have it from their start on.
  mutating func finishResize() {
    guard resize.phase == .inProgress else { return }
    for (name, resources) in wishes where containers[name]?.restartsOnPurpose != true {
      containers[name]?.resources = resources
    }
    if containers.values.contains(where: \.restartsOnPurpose) {
      return effects.append(.schedule(.resize, after: Self.resizeTime))
    }
    resize.phase = .settled
    effects.append(.refresh)
    record(.normal, "ResizeCompleted", "Pod resize completed: \(shown(nil))")
    publish()
  }

  /// The containers' resources as JSON in one line.
  private func shown(_ only: [String: JSON]?) -> String {
    let list = specification.containers.filter { only?[$0.name] != nil || only == nil && $0.role == .regular }
      .map { container -> JSON in ["name": .string(container.name), "resources": container.resources] }
    return JSON.object(Members([("containers", .array(list)), ("generation", JSON(specification.generation))])).text
  }

  func writeResize(_ conditions: inout Conditions, _ extra: [(String, JSON)]) {
    conditions.remove("PodResizePending")
    if resize.phase != .inProgress { conditions.remove("PodResizeInProgress") }
    switch resize.phase {
    case .settled: break
    case .pending(let reason, let message):
      conditions.set("PodResizePending", "True", reason: reason, message: message, at: now, extra: extra)
    case .inProgress: conditions.set("PodResizeInProgress", "True", at: now, extra: extra)
    }
  }
}
