import JSONCore
import Objects

/// How strict a namespace is with its pods, and by the rules of which version of Kubernetes.
/// Source: the Pod Security Standards.
struct SecurityLevel: Hashable, Sendable, CustomStringConvertible {
  enum Name: String, CaseIterable, Sendable, Comparable {
    case privileged, baseline, restricted

    static func < (left: Name, right: Name) -> Bool { left.rank < right.rank }

    private var rank: Int {
      switch self {
      case .privileged: 0
      case .baseline: 1
      case .restricted: 2
      }
    }
  }

  var name = Name.privileged
  /// The minor version; nil for the latest.
  var minor: Int?

  /// `restricted:latest`, `baseline:v1.30`
  var description: String { "\(name.rawValue):\(minor.map { "v1.\($0)" } ?? "latest")" }
}

/// What the labels of a namespace ask for: what is refused, what is noted, what is warned about.
struct SecurityPolicy: Hashable, Sendable {
  var enforce = SecurityLevel()
  var audit = SecurityLevel()
  var warn = SecurityLevel()

  static let prefix = "pod-security.kubernetes.io/"

  /// - Parameter errors: what is wrong with the labels. Refusals then go by the strictest rules, warnings and notes by none.
  init(_ labels: Labels, errors: inout [FieldError]) {
    // Most namespaces say nothing.
    guard labels.pairs.contains(where: { $0.key.hasPrefix(Self.prefix) }) else { return }
    enforce = Self.level(labels, "enforce", otherwise: .restricted, &errors)
    audit = Self.level(labels, "audit", otherwise: .privileged, &errors)
    warn = Self.level(labels, "warn", otherwise: .privileged, &errors)
    // What will be refused is worth a warning where it is only planned.
    guard labels[Self.prefix + "enforce"] != nil, labels[Self.prefix + "warn"] == nil else { return }
    warn.name = enforce.name
    if labels[Self.prefix + "warn-version"] == nil { warn.minor = enforce.minor }
  }

  private static func level(
    _ labels: Labels, _ mode: String, otherwise: SecurityLevel.Name, _ errors: inout [FieldError]
  ) -> SecurityLevel {
    var result = SecurityLevel()
    func fault(_ key: String, _ value: String, _ why: String) {
      errors.append(.invalid(Path("metadata").child("labels").key(key), .string(value), why))
    }
    if let text = labels[prefix + mode] {
      if let name = SecurityLevel.Name(rawValue: text) {
        result.name = name
      } else {
        result.name = otherwise
        let names = SecurityLevel.Name.allCases.map(\.rawValue).joined(separator: ", ")
        fault(prefix + mode, text, "must be one of \(names)")
      }
    }
    let versionKey = prefix + mode + "-version"
    if let text = labels[versionKey], text != "latest" {
      if let minor = minor(text) {
        result.minor = minor
      } else {
        fault(versionKey, text, "must be \"latest\" or \"v1.x\"")
      }
    }
    return result
  }

  /// 30 for `v1.30`.
  private static func minor(_ text: String) -> Int? {
    guard text.hasPrefix("v1.") else { return nil }
    let digits = text.dropFirst(3)
    guard let minor = Int(digits), String(minor) == digits, minor >= 0 else { return nil }
    return minor
  }
}
