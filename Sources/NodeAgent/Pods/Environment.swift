/// The variables of a container: its own, those of the Services of its namespace, and the few that every process has.
///
/// The second are many and the same for all pods of a namespace, which therefore share them.
public struct Environment: Sendable, ExpressibleByDictionaryLiteral {
  private static let usual = ["HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

  public var own: [String: String]
  public var services: [String: String]
  /// nil: there are no usual variables.
  public var hostname: String?

  public init(own: [String: String] = [:], services: [String: String] = [:], hostname: String? = nil) {
    self.own = own
    self.services = services
    self.hostname = hostname
  }

  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(own: Dictionary(elements) { $1 })
  }

  public subscript(name: String) -> String? {
    if let value = own[name] ?? services[name] { return value }
    return hostname == nil ? nil : name == "HOSTNAME" ? hostname : Self.usual[name]
  }

  /// All of them, for a process that starts.
  public var all: [String: String] {
    var result = services
    if let hostname {
      result["HOSTNAME"] = services["HOSTNAME"] ?? hostname
      result.merge(Self.usual) { known, _ in known }
    }
    return result.merging(own) { $1 }
  }
}
