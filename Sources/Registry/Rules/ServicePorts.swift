import JSONCore
import Objects
import Storage

/// The node ports of a service: free ones out of the configured range, unique in the cluster for each protocol.
enum ServicePorts {
  struct Port: Hashable {
    var number: Int
    var transport: String
  }

  static func allocate(_ service: inout JSON, old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard ServiceRule.usesNodePorts(service) else { return }
    let held = Set(old.map { ports(of: $0).map(\.number) } ?? [])
    var list = service["spec"]?.list("ports") ?? []
    var taken = Set<Port>()
    var chosen = Set<Port>()
    var isRead = false
    for index in list.indices {
      let transport = list[index].text("protocol").isEmpty ? "TCP" : list[index].text("protocol")
      let given = list[index]["nodePort"]?.int ?? 0
      if given != 0, held.contains(given) { continue }
      if !isRead {
        taken = used(context.snapshot, but: context)
        isRead = true
      }
      let number = try given == 0 ? free(taken, transport, context) : checked(given, index, transport, taken, context)
      list[index]["nodePort"] = JSON(number)
      let port = Port(number: number, transport: transport)
      taken.insert(port)
      chosen.insert(port)
    }
    if chosen.isEmpty { return }
    service["spec", default: .emptyObject]["ports"] = .array(list)
    guardPorts(chosen, &context)
  }

  /// A balancer that keeps traffic on the node asks each node at one more port whether it has a pod.
  static func allocateHealthCheck(
    _ service: inout JSON, old: JSON?, _ context: inout WriteContext
  ) throws(Status) {
    let spec = service["spec"] ?? .emptyObject
    guard ServiceRule.type(service) == "LoadBalancer", spec.text("externalTrafficPolicy") == "Local" else { return }
    let held = old?["spec"]?["healthCheckNodePort"]?.int ?? 0
    let given = spec["healthCheckNodePort"]?.int ?? 0
    if given == 0, held != 0 {
      service["spec", default: .emptyObject]["healthCheckNodePort"] = JSON(held)
      return
    }
    if given != 0, given == held { return }
    var taken = used(context.snapshot, but: context)
    taken.formUnion(ports(of: service))
    let number = try given == 0 ? free(taken, "TCP", context) : given
    if given != 0, taken.contains(Port(number: given, transport: "TCP")) {
      throw .internalError(
        "failed to allocate requested HealthCheck NodePort \(given): provided port is already allocated")
    }
    service["spec", default: .emptyObject]["healthCheckNodePort"] = JSON(number)
    guardPorts([Port(number: number, transport: "TCP")], &context)
  }

  /// Whoever commits first has the ports.
  private static func guardPorts(_ chosen: Set<Port>, _ context: inout WriteContext) {
    let mine = Key(.services, namespace: context.namespace, name: context.name)
    let check: Write.Check = { [chosen] snapshot throws(Status) in
      guard used(snapshot, but: mine).isDisjoint(with: chosen) else { throw Status.allocationRace }
    }
    context.guards.append(WriteGuard(check))
  }

  /// Above the band that is left to those who choose their port themselves, as long as there is room.
  private static func free(_ taken: Set<Port>, _ transport: String, _ context: WriteContext) throws(Status) -> Int {
    let range = context.configuration.nodePorts
    let numbers = Set(taken.map(\.number))
    let band = range.lowerBound + min(staticBand(of: range.count), range.count)
    for part in [band..<range.upperBound + 1, range.lowerBound..<band] where !part.isEmpty {
      let start = context.names.next(below: part.count)
      for step in 0..<part.count {
        let number = part.lowerBound + (start + step) % part.count
        if !numbers.contains(number) { return number }
      }
    }
    throw .internalError("failed to allocate a nodePort: range is full")
  }

  /// How many of the first ports are given out last: a thirty-second part, from 16 to 128.
  private static func staticBand(of size: Int) -> Int { size < 16 ? 0 : min(max(size / 32, 16), 128) }

  private static func checked(
    _ number: Int, _ index: Int, _ transport: String, _ taken: Set<Port>, _ context: WriteContext
  ) throws(Status) -> Int {
    let path = Path("spec").child("ports").index(index).child("nodePort")
    func refused(_ why: String) -> Status {
      .invalid(
        kind: context.kind.name, group: context.kind.group, name: context.name, [.invalid(path, JSON(number), why)])
    }
    let range = context.configuration.nodePorts
    guard range.contains(number) else {
      throw refused(
        "provided port is not in the valid range. The range of valid ports is \(range.lowerBound)-\(range.upperBound)")
    }
    if taken.contains(Port(number: number, transport: transport)) {
      throw refused("provided port is already allocated")
    }
    return number
  }

  private static func used(_ snapshot: Snapshot, but context: WriteContext) -> Set<Port> {
    used(snapshot, but: Key(.services, namespace: context.namespace, name: context.name))
  }

  private static func used(_ snapshot: Snapshot, but key: Key) -> Set<Port> {
    var result = Set<Port>()
    for object in snapshot.objects(.services) where object.key != key {
      let spec = object.spec
      for port in ports(in: spec?.member("ports")?.decoded() ?? .null) { result.insert(port) }
      if let number = spec?.member("healthCheckNodePort")?.decoded()?.int, number != 0 {
        result.insert(Port(number: number, transport: "TCP"))
      }
    }
    return result
  }

  private static func ports(of service: JSON) -> [Port] { ports(in: service["spec"]?["ports"] ?? .null) }

  private static func ports(in list: JSON) -> [Port] {
    (list.array ?? []).compactMap { port in
      guard let number = port["nodePort"]?.int, number != 0 else { return nil }
      return Port(number: number, transport: port.text("protocol").isEmpty ? "TCP" : port.text("protocol"))
    }
  }
}
