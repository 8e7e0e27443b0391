/// The order of versions: `v2`, `v1`, `v2beta1`, `v1beta2`, `v1alpha1`, and whatever else by its letters.
public struct VersionPriority: Comparable {
  private let rank: Int
  private let major: Int
  private let minor: Int
  private let text: String

  public init(_ text: String) {
    self.text = text
    let body = text.dropFirst()
    let digits = body.prefix { $0.isNumber }
    let rest = body.dropFirst(digits.count)
    let stage = rest.prefix { $0.isLetter }
    let number = rest.dropFirst(stage.count)
    guard text.hasPrefix("v"), let major = Int(digits) else {
      (rank, self.major, minor) = (0, 0, 0)
      return
    }
    self.major = major
    minor = Int(number) ?? 0
    rank = rest.isEmpty ? 3 : stage == "beta" ? 2 : stage == "alpha" ? 1 : 0
  }

  public static func < (left: VersionPriority, right: VersionPriority) -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if left.rank == 0 { return left.text > right.text }
    return (left.major, left.minor) < (right.major, right.minor)
  }
}
