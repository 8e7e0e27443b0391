import JSONCore
import Objects
import Reconciling
import Registry
import Storage
import Synchronization
import TestSupport
import Testing
import Values

/// A run of random events on a simulated cluster, with a rule that must hold at every revision of its log.
final class Trial: Sendable {
  /// A few scripts in every run of the tests; `SWIFTLET_TRIALS=100` tries more.
  static let seeds = 1...max(1, environment("SWIFTLET_TRIALS").flatMap { Int($0) } ?? 4)

  /// What a rule sees: the state before and after one change.
  struct Step {
    let before: Snapshot
    let change: Change
    let after: Snapshot
  }

  /// - Returns: what is wrong, nil when nothing is.
  typealias Rule = @Sendable (Step, Trial) -> String?

  private struct State {
    var snapshot: Snapshot
    var violations: [String] = []
    /// The objects that the script, not a controller, has deleted.
    var killed: Set<String> = []
    /// The nodes that were lost at some time.
    var lost: Set<String> = []
  }

  let simulation: Simulation
  private let state: Mutex<State>
  private let observation = Mutex<Observation?>(nil)

  init(seed: UInt64, nodes: Int = 4, _ rule: @escaping Rule) async throws {
    simulation = try await Simulation(seed: seed, nodes: nodes)
    state = Mutex(State(snapshot: simulation.cluster.snapshot))
    let observation = simulation.cluster.store.feed.observe { [weak self] batch in
      guard let self else { return }
      for change in batch.changes {
        let step = state.withLock { state in
          let before = state.snapshot
          state.snapshot = before.applying([change])
          return Step(before: before, change: change, after: state.snapshot)
        }
        if let problem = rule(step, self) {
          state.withLock { $0.violations.append("revision \(change.revision), \(change.key): \(problem)") }
        }
      }
    }
    self.observation.withLock { $0 = observation }
  }

  var violations: [String] { state.withLock { $0.violations } }

  /// Whether the script or the loss of a node accounts for the end of a pod.
  func isExcused(_ pod: PodFacts) -> Bool {
    state.withLock { $0.killed.contains(pod.uid) || $0.lost.contains(pod.nodeName) }
  }

  var snapshot: Snapshot { simulation.cluster.snapshot }

  func pods(_ app: String) -> [PodFacts] { simulation.pods(["app": app]) }

  func close() async {
    observation.withLock { $0?.cancel() }
    await simulation.close()
  }

  /// At the end all counts of a workload's status are what it wants, and all its pods run the image it wants.
  /// - Returns: how many pods it wants, and those there are.
  func expectSettled(_ key: Key, app: String, counts: [String]) -> (wanted: Int, pods: [PodFacts]) {
    let json = simulation[key] ?? .null
    let wanted = json.at("spec", "replicas")?.int ?? 0
    let status = json["status"] ?? .null
    for count in counts { #expect(status[count]?.int ?? 0 == wanted, "\(count): \(status.text)") }
    let image = json.at("spec", "template", "spec", "containers")?[0]?["image"]
    let pods = pods(app).filter { !$0.isTerminal }
    #expect(pods.count == wanted)
    #expect(pods.allSatisfy { $0.isReady && $0.object.json.at("spec", "containers")?[0]?["image"] == image })
    return (wanted, pods)
  }

  // MARK: What may happen to any workload

  func killOne(_ app: String, _ random: inout SeededRandom) async throws {
    guard let pod = pods(app).filter(\.isActive).randomElement(using: &random) else { return }
    state.withLock { _ = $0.killed.insert(pod.uid) }
    try await simulation.delete(pod.key)
  }

  func setReachable(_ isReachable: Bool, _ node: String) async throws {
    if !isReachable { state.withLock { _ = $0.lost.insert(node) } }
    try await simulation.patch(
      Key(.nodes, name: node),
      ["metadata": ["annotations": ["sim.swiftlet.dev/unreachable": isReachable ? .null : "true"]]])
  }

  func rest(_ random: inout SeededRandom) async {
    await simulation.advance(.milliseconds(Int.random(in: 0..<20_000, using: &random)))
  }
}
