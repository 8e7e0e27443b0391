import JSONCore
import Objects
import Reconciling

/// The nodes and what is used of them: an aggregate that follows the feed, so that placing a pod looks at nodes and not
/// at all the pods.
public struct ClusterView: Sendable {
  /// In order of name.
  public private(set) var nodes: [NodeState] = []
  /// The pods that take up room, by UID.
  public private(set) var pods: [String: PodNeeds] = [:]
  /// Where each of `pods` is, as a name: the node itself may be gone.
  public private(set) var places: [String: String] = [:]
  /// Those of `pods` that keep others away.
  public private(set) var repelling: Set<String> = []
  private var indices: [String: Int] = [:]

  public init() {}

  public init(_ snapshot: Snapshot) {
    for object in snapshot.objects(.nodes) { insert(NodeState(object)) }
    for object in snapshot.objects(.pods) {
      let facts = PodFacts(object)
      if !facts.nodeName.isEmpty && !facts.isTerminal { place(PodNeeds(object), on: facts.nodeName) }
    }
  }

  public func index(of node: String) -> Int? { indices[node] }

  public subscript(node name: String) -> NodeState? { indices[name].map { nodes[$0] } }

  /// The node a pod is placed on.
  public func node(of uid: String) -> NodeState? { places[uid].flatMap { self[node: $0] } }

  /// Puts a pod on a node (or moves it there); what it asks for is taken.
  public mutating func place(_ pod: PodNeeds, on node: String) {
    if places[pod.uid] == node { return }
    remove(pod.uid)
    pods[pod.uid] = pod
    places[pod.uid] = node
    if !pod.podAffinity.forbidden.isEmpty { repelling.insert(pod.uid) }
    if let index = indices[node] { nodes[index].add(pod) }
  }

  /// Takes a pod away; true when it had been placed.
  @discardableResult
  public mutating func remove(_ uid: String) -> Bool {
    guard let pod = pods.removeValue(forKey: uid), let node = places.removeValue(forKey: uid) else { return false }
    repelling.remove(uid)
    if let index = indices[node] { nodes[index].remove(pod) }
    return true
  }

  /// Follows one change of a node; true when pods that did not fit may fit now.
  public mutating func applyNode(_ change: Change) -> Bool {
    let name = change.object.name
    if change.kind == .deleted {
      if let index = indices[name] {
        nodes.remove(at: index)
        reindex(from: index)
        indices[name] = nil
      }
      return false
    }
    if let index = indices[name] { return nodes[index].update(change.object) }
    var node = NodeState(change.object)
    for (uid, place) in places where place == name { if let pod = pods[uid] { node.add(pod) } }
    insert(node)
    return true
  }

  /// Follows one change of a pod that has a node; true when room became free.
  public mutating func applyPod(_ change: Change, _ facts: PodFacts) -> Bool {
    if change.kind == .deleted || facts.isTerminal { return remove(facts.uid) }
    if facts.nodeName.isEmpty || places[facts.uid] == facts.nodeName { return false }
    place(PodNeeds(change.object), on: facts.nodeName)
    return false
  }

  private mutating func insert(_ node: NodeState) {
    let index = nodes.firstIndex { $0.name > node.name } ?? nodes.count
    nodes.insert(node, at: index)
    reindex(from: index)
  }

  private mutating func reindex(from start: Int) {
    for index in start..<nodes.count { indices[nodes[index].name] = index }
  }
}
