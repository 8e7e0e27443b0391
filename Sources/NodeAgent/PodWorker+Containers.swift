import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// What containers find around them, and what is done at their start and before their end.
extension NodeAgent {
  /// A hook that has not ended after this time is not waited for.
  private static let hookLimit = Duration.seconds(600)
  /// The most namespaces whose Services are remembered.
  private static let namespaceLimit = 1000

  /// - Throws: what the environment refers to and is not there.
  func surroundings(
    _ worker: PodWorker, _ container: PodSpecification.Container, _ details: PodDetails, _ snapshot: Snapshot
  ) throws(PodEnvironment.Missing) -> Surroundings {
    let pod = worker.machine.specification
    let json = details.container(container.name)
    if let problem = NonRootRule.problem(pod: details.spec, container: json, label: pod.label) {
      throw PodEnvironment.Missing(message: problem)
    }
    let node = state.value.nodes[worker.node]
    let place = PodPlace(
      node: worker.node, address: worker.machine.address ?? "", hostAddress: node?.address ?? "",
      allocatable: node?.allocatable ?? .emptyObject)
    let peer = peer
    var result = Surroundings()
    let named = details.spec.text("hostname")
    result.hostname = pod.isOnHostNetwork ? worker.node : named.isEmpty ? pod.key.name : named
    result.address = place.address
    let services = serviceVariables(details, snapshot)
    let own = try PodEnvironment(
      pod: details, container: container, snapshot: snapshot, place: place, services: services
    ).variables()
    result.environment = Environment(own: own, services: services, hostname: result.hostname)
    if let problem = SubPaths.problem(details.container(container.name), result.environment) {
      throw PodEnvironment.Missing(message: problem)
    }
    result.mounts = PodVolumes(key: pod.key, uid: pod.uid, place: place, tokens: tokens) { peer.snapshot }
      .mounts(of: container.name, in: details, result.environment)
    for setting in details.spec.at("securityContext", "sysctls")?.array ?? [] {
      result.settings[setting.text("name").replacing("/", with: ".")] = setting.text("value")
    }
    let system = PodSystemFiles(pod: details, hostname: result.hostname, address: result.address)
    if !system.hasUsualHosts { result.hosts = system.hosts }
    if !system.hasUsualResolver { result.resolver = system.resolver }
    result.user = ProcessUser(pod: details.spec, container: json)
    result.isRootReadOnly = json.at("securityContext", "readOnlyRootFilesystem")?.bool == true
    result.network = PodNetwork(
      pod: pod.key, hostname: result.hostname, address: place.address, traffic: traffic, hosts: result.hosts,
      resolver: result.resolver, api: door
    ) { peer.snapshot }
    return result
  }

  /// Made once for all pods of a namespace, until a Service changes.
  private func serviceVariables(_ pod: PodDetails, _ snapshot: Snapshot) -> [String: String] {
    let namespace = pod.spec["enableServiceLinks"]?.bool == false ? nil : pod.key.namespace
    if let known = state.value.services[namespace ?? ""] { return known }
    let variables = ServiceVariables.all(of: namespace, in: snapshot)
    if state.value.services.count >= Self.namespaceLimit { state.value.services = [:] }
    state.value.services[namespace ?? ""] = variables
    return variables
  }

  // MARK: Hooks

  func runPostStart(_ worker: PodWorker, _ name: String) {
    guard let hook = worker.machine.specification[name]?.postStart,
      let id = worker.machine.containers[name]?.containerID
    else { return }
    let uid = worker.uid
    loop.spawnOutside { [self] in
      let failure = await perform(hook, in: id, limit: Self.hookLimit)
      send(uid, .hooked(name, id: id, failure: failure))
    }
  }

  /// The hook first, within the grace, and then the end itself.
  func stop(_ worker: PodWorker, _ name: String, _ grace: Duration) {
    guard let container = worker.machine.containers[name], container.isRunning else { return }
    let id = container.containerID
    guard let hook = worker.machine.specification[name]?.preStop else { return runtime.stop(id, grace: grace) }
    let (uid, start) = (worker.uid, clock.now)
    loop.spawnOutside { [self] in
      let failure = await perform(hook, in: id, limit: grace)
      loop.run { [self] in
        if failure != nil, let worker = state.value.workers[uid] { noteFailedPreStop(worker, name) }
        runtime.stop(id, grace: max(.seconds(2), grace - (clock.now - start)))
      }
    }
  }

  private func noteFailedPreStop(_ worker: PodWorker, _ name: String) {
    let pod = worker.machine.specification
    let about = pod.reference(name, role: pod[name]?.role ?? .regular)
    let note = EventNote(about, .warning, "FailedPreStopHook", "PreStopHook failed")
    recorder.record(note, from: Self.component, on: worker.node)
  }

  /// - Returns: why it failed; nil when it did not.
  private func perform(_ hook: Hook, in id: String, limit: Duration) async -> String? {
    switch hook {
    case .sleep(let time):
      await clock.sleep(for: min(time, limit))
      return nil
    case .command(let words):
      let execution = await runtime.execute(id, words, timeout: limit)
      if execution.isLate { return "timed out" }
      return execution.code == 0 ? nil : "command terminated with exit code \(execution.code): \(execution.output)"
    case .request(let handler): return await runtime.request(id, handler)
    }
  }

  // MARK: Resources

  /// Whether the pod's containers could have what they ask for, beside the other pods of the node.
  func judge(_ worker: PodWorker) -> ResizeVerdict {
    guard let node = state.value.nodes[worker.node] else { return .fits }
    var others: [String: Quantity] = [:]
    for other in state.value.workers.values
    where other.node == worker.node && other.uid != worker.uid && !other.machine.isFinished {
      for (resource, amount) in other.machine.requests { others[resource, default: .zero] += amount }
    }
    var deferred: ResizeVerdict?
    for (resource, wanted) in worker.machine.requests.sorted(by: { $0.key < $1.key }) {
      guard let capacity = Quantity(node.allocatable[resource]) else { continue }
      let shown = { (quantity: Quantity) in resource == "cpu" ? quantity.milliValue : quantity.value }
      if wanted > capacity {
        return .infeasible(
          "Node didn't have enough capacity: \(resource), requested: \(shown(wanted)), capacity: \(shown(capacity))")
      }
      let used = others[resource] ?? .zero
      if wanted + used > capacity {
        deferred = .deferred(
          "Node didn't have enough resource: \(resource), requested: \(shown(wanted)), used: \(shown(used)), "
            + "capacity: \(shown(capacity))")
      }
    }
    return deferred ?? .fits
  }
}

extension PodMachine {
  /// What the regular containers and the sidecars ask for, by resource.
  var requests: [String: Quantity] {
    var sum: [String: Quantity] = [:]
    for container in specification.containers where container.role == .regular || container.role == .sidecar {
      for resource in ["cpu", "memory"] {
        if let amount = Quantity(container.resources.at("requests", resource)) {
          sum[resource, default: .zero] += amount
        }
      }
    }
    return sum
  }
}
