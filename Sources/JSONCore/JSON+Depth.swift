extension JSON {
  /// How deep arrays and objects may nest in anything that comes from outside. Values are walked and freed by recursion on
  /// threads whose stacks are small, so what is allowed here must be safe everywhere; nobody nests a tenth of it.
  public static let maximumDepth = 500

  /// Whether arrays and objects nest more than `limit` levels; it looks no deeper than that.
  public func isDeeper(than limit: Int) -> Bool {
    switch resolved {
    case .array(let elements): limit <= 0 || elements.contains { $0.isDeeper(than: limit - 1) }
    case .object(let members): limit <= 0 || members.allValues.contains { $0.isDeeper(than: limit - 1) }
    default: false
    }
  }
}
