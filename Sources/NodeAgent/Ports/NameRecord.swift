/// A line of what a name server answers.
struct NameRecord: Sendable, Equatable {
  enum Kind: String, Sendable {
    case address = "A"
    case address6 = "AAAA"
    case alias = "CNAME"
    case service = "SRV"
    case pointer = "PTR"
    case text = "TXT"
  }

  var name: String
  var kind: Kind
  /// An address, or a name with its dot at the end.
  var value: String
}
