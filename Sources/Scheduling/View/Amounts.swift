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

  /// Users may ask for absurd amounts: beyond this (4 PiB) they count as this, so that sums stay in range. They wrap
  /// rather than trap if there are thousands of such, and so come back to what they were when those are gone.
  private static let most: Int64 = 1 << 52

  public init() {}

  /// From a `ResourceList`; `pods` is counted apart.
  public init(_ list: JSON?) {
    for (name, value) in list?.object ?? Members() {
      guard let quantity = Quantity(value) else { continue }
      switch name {
      case "cpu": milliCPU = min(quantity.milliValue, Self.most)
      case "memory": memory = min(quantity.value, Self.most)
      case "ephemeral-storage": ephemeralStorage = min(quantity.value, Self.most)
      case "pods": break
      default: extended[name] = min(quantity.value, Self.most)
      }
    }
  }

  public static func += (left: inout Amounts, right: Amounts) {
    left.milliCPU &+= right.milliCPU
    left.memory &+= right.memory
    left.ephemeralStorage &+= right.ephemeralStorage
    for (name, amount) in right.extended { left.extended[name, default: 0] &+= amount }
  }

  public static func -= (left: inout Amounts, right: Amounts) {
    left.milliCPU &-= right.milliCPU
    left.memory &-= right.memory
    left.ephemeralStorage &-= right.ephemeralStorage
    for (name, amount) in right.extended { left.extended[name, default: 0] &-= amount }
  }

  /// The larger of each.
  public mutating func raise(to other: Amounts) {
    milliCPU = max(milliCPU, other.milliCPU)
    memory = max(memory, other.memory)
    ephemeralStorage = max(ephemeralStorage, other.ephemeralStorage)
    for (name, amount) in other.extended { extended[name] = max(extended[name] ?? 0, amount) }
  }
}
