/// The addresses of a node's pods, one /24.
struct AddressPool: Sendable {
  private let prefix: String
  private var used: Set<Int> = []
  private var next = 2

  init(second: Int, third: Int) { prefix = "10.\(second).\(third)." }

  var network: String { prefix + "0/24" }

  /// Addresses are used in turn, so that one that has just become free rests for a while. Nil when all are taken.
  mutating func take() -> String? {
    for _ in 0..<253 {
      let number = next
      next = next == 254 ? 2 : next + 1
      if used.insert(number).inserted { return prefix + String(number) }
    }
    return nil
  }

  /// Takes this very address; false when it belongs to another node or is in use.
  mutating func take(_ address: String) -> Bool {
    guard address.hasPrefix(prefix), let number = Int(address.dropFirst(prefix.count)) else { return false }
    return used.insert(number).inserted
  }

  mutating func free(_ address: String) {
    if address.hasPrefix(prefix), let number = Int(address.dropFirst(prefix.count)) { used.remove(number) }
  }
}
