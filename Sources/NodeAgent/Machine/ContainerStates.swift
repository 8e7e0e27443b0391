/// The states of a pod's containers by their names: few, so a look through all of them is the fastest, and the smallest.
public struct ContainerStates: Sendable {
  private var entries: [(name: String, state: ContainerState)] = []

  public subscript(name: String) -> ContainerState? {
    get { entries.first { $0.name == name }?.state }
    _modify {
      guard let index = entries.firstIndex(where: { $0.name == name }) else {
        var state: ContainerState?
        defer { if let state { entries.append((name, state)) } }
        yield &state
        return
      }
      var state: ContainerState? = entries[index].state
      defer { if let state { entries[index].state = state } else { entries.remove(at: index) } }
      yield &state
    }
  }

  public var values: some Sequence<ContainerState> { entries.lazy.map(\.state) }
}

/// How often each probe of a container has answered the same in a row.
public struct ProbeStreaks: Sendable {
  private var startup = Streak()
  private var liveness = Streak()
  private var readiness = Streak()

  /// Equal answers in a row.
  public struct Streak: Sendable {
    public var successes = 0
    public var failures = 0
  }

  public subscript(kind: ProbeKind) -> Streak {
    get {
      switch kind {
      case .startup: startup
      case .liveness: liveness
      case .readiness: readiness
      }
    }
    set {
      switch kind {
      case .startup: startup = newValue
      case .liveness: liveness = newValue
      case .readiness: readiness = newValue
      }
    }
  }
}
