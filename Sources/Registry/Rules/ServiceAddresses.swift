import JSONCore
import Objects
import Storage
import Validation

/// The cluster IP of a service. Each is held by an IPAddress object of its name, made in the same transaction: two services
/// cannot have the same one, whatever they raced.
enum ServiceAddresses {
  /// How many random addresses are tried before all are looked through.
  private static let guesses = 16

  static func allocate(_ service: inout JSON, old: JSON?, _ context: inout WriteContext) throws(Status) {
    let wanted = service["spec"]?.text("clusterIP") ?? ""
    if wanted == "None" {
      service["spec", default: .emptyObject]["clusterIPs"] = ["None"]
      return
    }
    let held = old.map(ServiceRule.addresses(of:)) ?? []
    if !wanted.isEmpty, held.contains(wanted) {
      if (service["spec"]?.list("clusterIPs") ?? []).isEmpty {
        service["spec", default: .emptyObject]["clusterIPs"] = [.string(wanted)]
      }
      return
    }
    // Nor does a list without its first element in the older field.
    if wanted.isEmpty, service["spec"]?.list("clusterIPs").isEmpty == false { return }
    // What is no address at all is for validation to tell.
    if !wanted.isEmpty, IPAddress.problem(wanted) != nil {
      if (service["spec"]?.list("clusterIPs") ?? []).isEmpty {
        service["spec", default: .emptyObject]["clusterIPs"] = [.string(wanted)]
      }
      return
    }
    let address = try wanted.isEmpty ? free(context) : given(wanted, context)
    service["spec", default: .emptyObject].edit { spec in
      spec["clusterIP"] = .string(address)
      spec["clusterIPs"] = [.string(address)]
    }
    if !context.isDryRun { hold(address, service, &context) }
  }

  private static func given(_ address: String, _ context: WriteContext) throws(Status) -> String {
    let path = Path("spec").child("clusterIPs")
    func refused(_ why: String) -> Status {
      .invalid(
        kind: context.kind.name, group: context.kind.group, name: context.name,
        [.invalid(path, [.string(address)], "failed to allocate IP \(address): \(why)")])
    }
    let ranges = ranges(context)
    if !ranges.contains(where: { $0.covers(address) }) {
      throw refused("the provided network does not match the current range")
    }
    guard ranges.contains(where: { $0.contains(address) }) else {
      throw refused(
        "the provided IP (\(address)) is not in the valid range. The range of valid IPs is "
          + context.configuration.serviceRange.description)
    }
    if context.snapshot[Key(.addresses, name: address)] != nil { throw refused("provided IP is already allocated") }
    return address
  }

  /// The blocks that addresses are taken from: the cluster's own, then those of further ServiceCIDRs that are not about to go.
  private static func ranges(_ context: WriteContext) -> [AddressRange] {
    let main = context.configuration.serviceRange
    let objects = context.snapshot.objects(.serviceRanges)
    if objects.isEmpty { return [main] }
    let open = objects.map(\.json).filter { $0.at("metadata", "deletionTimestamp") == nil }
      .flatMap { $0["spec"]?.list("cidrs") ?? [] }.compactMap { AddressRange($0.string ?? "") }
    return open.filter { $0 == main } + open.filter { $0 != main }
  }

  private static func free(_ context: WriteContext) throws(Status) -> String {
    for range in ranges(context) {
      if let address = free(in: range, context) { return address }
    }
    throw .internalError("failed to allocate a serviceIP: range is full")
  }

  /// Above the band that is left to those who choose their address themselves, as long as there is room.
  private static func free(in range: AddressRange, _ context: WriteContext) -> String? {
    let band = min(staticBand(of: range), range.count)
    return free(in: range, band..<range.count, context) ?? free(in: range, 0..<band, context)
  }

  /// How many of the first addresses are given out last: a sixteenth, from 16 to 256.
  private static func staticBand(of range: AddressRange) -> Int {
    let size = range.count + 2
    return size < 16 ? 0 : min(max(size / 16, 16), 256)
  }

  private static func free(in range: AddressRange, _ part: Range<Int>, _ context: WriteContext) -> String? {
    if part.isEmpty { return nil }
    func isFree(_ address: String) -> Bool { context.snapshot[Key(.addresses, name: address)] == nil }
    for _ in 0..<guesses {
      let address = range[part.lowerBound + context.names.next(below: part.count)]
      if isFree(address) { return address }
    }
    let start = context.names.next(below: part.count)
    for step in 0..<part.count {
      let address = range[part.lowerBound + (start + step) % part.count]
      if isFree(address) { return address }
    }
    return nil
  }

  private static func hold(_ address: String, _ service: JSON, _ context: inout WriteContext) {
    let key = Key(.addresses, name: address)
    let uid = context.names.uid()
    context.companions.append(Write(key, .create(object(address, service, uid, context))))
    let check: Write.Check = { snapshot throws(Status) in
      guard snapshot[key]?.uid == uid else { throw Status.allocationRace }
    }
    context.guards.append(WriteGuard(check))
  }

  static func object(_ address: String, _ service: JSON, _ uid: String, _ context: WriteContext) -> JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress",
      "metadata": [
        "name": .string(address), "uid": .string(uid), "creationTimestamp": .string(context.now.rfc3339),
        "labels": [
          "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
        ],
      ],
      "spec": [
        "parentRef": [
          "group": "", "resource": "services", "namespace": .string(context.namespace), "name": .string(context.name),
        ]
      ],
    ]
  }
}
