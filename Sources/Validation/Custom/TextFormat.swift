import Expressions
import Objects
import Values

/// The formats that a schema may ask of strings (kube-openapi's registry); unknown ones accept everything.
enum TextFormat {
  static func accepts(_ text: String, _ format: String) -> Bool {
    // Separators in a format's name do not count.
    guard let check = checks[format.filter { $0 != "-" && $0 != "_" }] else { return true }
    return check(text)
  }

  private typealias Check = @Sendable (String) -> Bool

  private static let checks: [String: Check] = [
    "datetime": { Instant(rfc3339: $0) != nil },
    "date": isDate,
    "duration": isDuration,
    "byte": { Base64.firstInvalidByte($0) == nil },
    "ipv4": { IPAddress($0)?.isIPv6 == false },
    "ipv6": { IPAddress($0)?.isIPv6 == true },
    "cidr": { CIDR($0) != nil },
    "email": pattern(#"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"#),
    "hostname": { $0.utf8.count <= 255 && isHostname($0) },
    "uri": { isURI($0) || $0.hasPrefix("/") },
    "mac": pattern(#"^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$"#),
    "uuid": pattern(uuid("[0-9a-f]", "[0-9a-f]")),
    "uuid3": pattern(uuid("3", "[0-9a-f]")),
    "uuid4": pattern(uuid("4", "[89ab]")),
    "uuid5": pattern(uuid("5", "[89ab]")),
    "hexcolor": pattern("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"),
    "bsonobjectid": pattern("^[0-9a-fA-F]{24}$"),
    "k8sshortname": { Names.label($0).isEmpty },
    "k8slongname": { Names.subdomain($0).isEmpty },
  ]

  private static func pattern(_ text: String) -> Check {
    let pattern = TextPattern(text)
    return { pattern.matches($0) }
  }

  private static let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
  private static let isHostname = pattern("^\(label)(\\.\(label))*$")
  private static let isURI = pattern(#"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]*$"#)

  private static func uuid(_ version: String, _ variant: String) -> String {
    "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?\(version)[0-9a-f]{3}-?\(variant)[0-9a-f]{3}-?[0-9a-f]{12}$"
  }

  private static func isDate(_ text: String) -> Bool {
    text.utf8.count == 10 && Instant(rfc3339: text + "T00:00:00Z") != nil
  }

  /// Go's durations (`1h30m`), and whole numbers of a unit (`3 days`).
  private static func isDuration(_ text: String) -> Bool { text == "0" || isGoDuration(text) || isUnits(text) }

  private static let amount = #"([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)"#
  private static let isGoDuration = pattern("^[-+]?(\(amount))+$")
  private static let isUnits = pattern(
    #"^[0-9]+\s*(ns|us|µs|ms|sec|seconds?|min|minutes?|hr|hours?|d|days?|w|weeks?)$"#)

}
