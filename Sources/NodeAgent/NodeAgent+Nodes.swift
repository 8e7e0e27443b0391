import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// The nodes themselves: registered, reported on, kept alive by their leases.
extension NodeAgent {
  private static let leaseNamespace = "kube-node-lease"
  private static let leaseSeconds = 40
  private static let leaseInterval = Duration.seconds(10)
  /// While time walks nobody sees a renewal come, so they are as few as keep a node alive.
  private static let walkingInterval = Duration.seconds(30)
  private static let statusInterval = Duration.seconds(300)
  private static let statusesAtOnce = 8

  static func caller(_ node: String) -> String { "node:\(node)" }

  func register(_ node: SimulatedNode) async {
    let key = Key(.nodes, name: node.name)
    noteStart(of: node.name)
    if peer.snapshot[key] == nil {
      // Another writer may have made the node meanwhile, which is as good.
      await attempt(.create(.nodes, node.object), on: node.name)
    }
    await writeStatus(node)
  }

  private func writeStatus(_ node: SimulatedNode) async {
    guard let object = peer.snapshot[Key(.nodes, name: node.name)] else { return }
    let json = object.json
    let signs = NodeSigns(json)
    if signs.isUnreachable { return }
    let status = node.status(
      from: json["status"], runtime: runtime.version, images: runtime.images(on: node.name), signs: signs, at: clock.now
    )
    guard let action = Action.status(object, from: json["status"], to: status) else { return }
    // The next round, at the latest, writes it again.
    if await attempt(action.verb, on: node.name) { noteTransitions(of: node.name, from: json["status"], to: status) }
  }

  /// Writes in the name of a node; what fails is told, and comes again by itself.
  /// - Returns: whether it was written.
  @discardableResult
  private func attempt(_ verb: Action.Verb, on node: String) async -> Bool {
    do throws(Status) {
      _ = try await peer.perform(verb, as: Self.caller(node))
      return true
    } catch {
      if error.code == 409 || error.code == 404 { return false }
      recorder.failures.report("\(Self.component) \(node)", verb.summary, error, at: clock.now)
      return false
    }
  }

  /// Each interval: leases, and the statuses that are due or have changed. On the loop.
  func tick() {
    if state.value.isStopped { return }
    let now = clock.now
    let isStatusDue = now - state.value.lastStatus >= Self.statusInterval
    if isStatusDue { state.value.lastStatus = now }
    let interval = clock.isWalking ? Self.walkingInterval : Self.leaseInterval
    state.value.leaseTimer = clock.schedule(after: interval, on: loop) { [weak self] in
      guard let self else { return }
      settleDisputes()
      let changed = state.value.changedNodes
      state.value.changedNodes = []
      let nodes = state.value.nodes.values.sorted { $0.number < $1.number }
      loop.spawnOutside { [self] in
        await renewLeases()
        var due: [SimulatedNode] = []
        for node in nodes {
          let isGivenUp = !node.isLost && isGivenUp(node.name)
          if isStatusDue || isGivenUp || changed.contains(node.name) { due.append(node) }
          if isGivenUp { loop.run { [self] in republish(node.name) } }
        }
        await writeStatuses(due[...])
      }
      tick()
    }
  }

  /// A few side by side, so that they share commits and leave room for others between them.
  private func writeStatuses(_ nodes: ArraySlice<SimulatedNode>) async {
    if nodes.isEmpty { return }
    await withTaskGroup { group in
      for node in nodes.prefix(Self.statusesAtOnce) { group.addTask { await self.writeStatus(node) } }
    }
    await writeStatuses(nodes.dropFirst(Self.statusesAtOnce))
  }

  /// Whether others have come to think that a node is lost, though it answers (again).
  private func isGivenUp(_ node: String) -> Bool {
    guard let object = peer.snapshot[Key(.nodes, name: node)] else { return false }
    var isUnknown = false
    object.status?.member("conditions")?.forEachElement { condition in
      guard condition.member("type")?.isString("Ready") == true else { return }
      isUnknown = condition.member("status")?.isString("Unknown") == true
    }
    return isUnknown
  }

  /// While the node was silent others wrote on its pods: what these are is said again. On the loop.
  private func republish(_ node: String) {
    for worker in state.value.workers.values.filter({ $0.node == node }).sorted(by: { $0.uid < $1.uid }) {
      worker.isDirty = true
      flush(worker)
    }
  }

  /// What others have written of pods holds only for as long as their node has nothing to say.
  private func settleDisputes() {
    for uid in state.value.disputed.sorted() {
      guard let worker = state.value.workers[uid], let signs = state.value.nodes[worker.node]?.signs else {
        state.value.disputed.remove(uid)
        continue
      }
      if signs.isUnreachable || signs.has("not-ready") { continue }
      state.value.disputed.remove(uid)
      worker.isDirty = true
      flush(worker)
    }
  }

  /// The node has pulled an image; its status will say so at the next round.
  func noteImages(on node: String) {
    loop.run { [self] in state.value.changedNodes.insert(node) }
  }

  /// What its annotations say of a node has changed, or may have. On the loop.
  func takeNode(_ object: Object) {
    guard var node = state.value.nodes[object.name] else { return }
    let json = object.json
    let signs = NodeSigns(json)
    noteScheduling(of: node, json)
    node = state.value.nodes[object.name] ?? node
    if node.signs == signs {
      if !node.isLost, node.differs(from: json["status"]) {
        loop.spawnOutside { [self, node] in await writeStatus(node) }
      }
      return
    }
    let (wasLost, wasUnready) = (node.isLost, node.signs.has("not-ready"))
    node.signs = signs
    state.value.nodes[object.name] = node
    if node.isLost { return wasLost ? () : sayLastWord(node.name) }
    loop.spawnOutside { [self, node] in
      if wasLost { await renewLeases() }
      await writeStatus(node)
      loop.run { [self] in
        if wasUnready, !signs.has("not-ready") { republish(node.name) }
        relieve(node.name)
      }
    }
    if wasLost { catchUp(node.name) }
  }

  /// A node falls silent: until then it has renewed its lease every ten seconds, also while time walked.
  private func sayLastWord(_ node: String) {
    let key = Key(.leases, namespace: Self.leaseNamespace, name: node)
    guard
      let lease = peer.snapshot[key].flatMap({ $0.spec?.member("renewTime")?.string }),
      let last = Instant(rfc3339: lease)
    else { return }
    let missed = (clock.now - last).components.seconds / Self.leaseInterval.components.seconds
    if missed < 1 { return }
    let time = last + Self.leaseInterval * Int(missed)
    loop.spawnOutside { [self] in _ = await peer.renew([key], at: time) }
  }

  /// The node answers again: it hears of what it missed, and tells what it could not.
  private func catchUp(_ node: String) {
    let snapshot = peer.snapshot
    let workers = state.value.workers.values.filter { $0.node == node }.sorted { $0.uid < $1.uid }
    for worker in workers where snapshot.object(uid: worker.uid) == nil { drop(worker.uid) }
    for object in snapshot.objects(.pods) {
      let facts = PodFacts(object)
      if facts.nodeName == node { take(object, facts) }
    }
    republish(node)
  }

  /// The pod's node does not answer, so that nothing it does is heard of.
  func isLost(_ worker: PodWorker) -> Bool { state.value.nodes[worker.node]?.isLost ?? false }

  // MARK: Leases

  /// Renews the leases of all nodes in one commit; what that cannot do is written in full, side by side.
  func renewLeases() async {
    let snapshot = peer.snapshot
    let leases = configuration.names.filter { name in
      guard let node = snapshot[Key(.nodes, name: name)] else { return false }
      let annotations = node.metadata?.member("annotations")
      return annotations?.member("sim.swiftlet.dev/unreachable").map { $0.string == "false" } ?? true
    }.map { Key(.leases, namespace: Self.leaseNamespace, name: $0) }
    let rest = await peer.renew(leases, at: clock.now)
    if rest.isEmpty { return }
    await withTaskGroup { group in
      for key in rest {
        guard let node = snapshot[Key(.nodes, name: key.name)] else { continue }
        group.addTask { await self.writeLease(key, node, snapshot) }
      }
    }
  }

  private func writeLease(_ key: Key, _ node: Object, _ snapshot: Snapshot) async {
    let name = key.name
    let time = JSON.string(clock.now.rfc3339Micro)
    // A lease that cannot be renewed is what the node controller looks for; there is nothing else to do about it.
    if snapshot[key] != nil {
      await attempt(
        .patch(key, subresource: "", ["spec": ["holderIdentity": .string(name), "renewTime": time]]), on: name)
      return
    }
    let lease: JSON = [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": [
        "name": .string(name), "namespace": .string(Self.leaseNamespace),
        "ownerReferences": [
          ["apiVersion": "v1", "kind": "Node", "name": .string(name), "uid": .string(node.uid)]
        ],
      ],
      "spec": ["holderIdentity": .string(name), "leaseDurationSeconds": JSON(Self.leaseSeconds), "renewTime": time],
    ]
    await attempt(.create(.leases, lease), on: name)
  }
}
