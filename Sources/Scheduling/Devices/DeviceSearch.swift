import Objects

/// Finds devices for the wishes of a claim, going back on choices that lead nowhere.
struct DeviceSearch {
  private let devices: [Device]
  private var ledger: DeviceLedger
  /// A claim holds at most so many devices.
  private static let resultLimit = 32
  /// After so many steps it gives up: wishes can be made that take for ever.
  private var stepsLeft = 10_000

  init(devices: [Device], ledger: DeviceLedger) {
    self.devices = devices
    self.ledger = ledger
  }

  /// What is found is taken, so that the next claim finds what is left.
  mutating func allocate(
    _ wishes: [[DeviceRequest]], _ constraints: [DeviceConstraint]
  ) -> [DeviceAllocation.Result]? {
    var chosen: [DeviceAllocation.Result] = []
    return meet(wishes[...], constraints, &chosen) ? chosen : nil
  }

  private mutating func meet(
    _ wishes: ArraySlice<[DeviceRequest]>, _ constraints: [DeviceConstraint], _ chosen: inout [DeviceAllocation.Result]
  ) -> Bool {
    guard let wish = wishes.first else { return true }
    for request in wish {
      let suitable = devices.filter(request.accepts)
      let count = request.takesAll ? suitable.count : request.count
      let fits = (1...Self.resultLimit).contains(count + chosen.count)
      if count > 0, fits, take(count, suitable[...], request, wishes.dropFirst(), constraints, &chosen) { return true }
    }
    return false
  }

  private mutating func take(
    _ count: Int, _ suitable: ArraySlice<Device>, _ request: DeviceRequest, _ rest: ArraySlice<[DeviceRequest]>,
    _ constraints: [DeviceConstraint], _ chosen: inout [DeviceAllocation.Result]
  ) -> Bool {
    if count == 0 { return meet(rest, constraints, &chosen) }
    for (offset, device) in suitable.enumerated() {
      stepsLeft -= 1
      if stepsLeft <= 0 || suitable.count - offset < count { return false }
      guard let amounts = ledger.offer(device, for: request),
        constraints.allSatisfy({ $0.admits(device, for: request, beside: chosen) })
      else { continue }
      chosen.append(DeviceAllocation.Result(request: request, device: device, consumed: amounts))
      let isFirst = request.hasAdminAccess || ledger.take(device, amounts)
      if take(count - 1, suitable.dropFirst(offset + 1), request, rest, constraints, &chosen) { return true }
      if !request.hasAdminAccess { ledger.giveBack(device, amounts, wasFirst: isFirst) }
      chosen.removeLast()
    }
    return false
  }
}
