import JSONCore
import Objects

/// Amounts of the resources that nodes have and pods ask for.
public struct Amounts: Sendable, Equatable {
  public var milliCPU: Int64 = 0
  /// Bytes.
  public var memory: Int64 = 0
  /// Bytes.
  public var ephemeralStorage: Int64 = 0
  /// Everything else by name: `nvidia.com/gpu`, `hugepages-2Mi`.
  public var extended: [String: Int64] = [:]

  public init() {}

  /// From a `ResourceList`; `pods` is counted apart.
  public init(_ list: JSON?) {
    for (name, value) in list?.object ?? Members() {
      guard let quantity = Quantity(value) else { continue }
      switch name {
      case "cpu": milliCPU = quantity.milliValue
      case "memory": memory = quantity.value
      case "ephemeral-storage": ephemeralStorage = quantity.value
      case "pods": break
      default: extended[name] = quantity.value
      }
    }
  }

  public static func += (left: inout Amounts, right: Amounts) {
    left.milliCPU = clamped(left.milliCPU, right.milliCPU)
    left.memory = clamped(left.memory, right.memory)
    left.ephemeralStorage = clamped(left.ephemeralStorage, right.ephemeralStorage)
    for (name, amount) in right.extended { left.extended[name] = clamped(left.extended[name] ?? 0, amount) }
  }

  public static func -= (left: inout Amounts, right: Amounts) {
    left.milliCPU -= right.milliCPU
    left.memory -= right.memory
    left.ephemeralStorage -= right.ephemeralStorage
    for (name, amount) in right.extended { left.extended[name, default: 0] -= amount }
  }

  /// The larger of each.
  public mutating func raise(to other: Amounts) {
    milliCPU = max(milliCPU, other.milliCPU)
    memory = max(memory, other.memory)
    ephemeralStorage = max(ephemeralStorage, other.ephemeralStorage)
    for (name, amount) in other.extended { extended[name] = max(extended[name] ?? 0, amount) }
  }

  /// Users may ask for absurd amounts; their sum stays at the end of the range.
  private static func clamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
