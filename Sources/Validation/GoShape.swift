import JSONCore
import Objects

/// How the stock server shows a whole struct of its own in a message: as JSON with the names of Go, unset fields included.
indirect enum GoShape: Sendable {
  /// A value that is shown as it was sent, or by its zero.
  case plain(zero: String)
  case structure([Field])
  /// Shown as null when it is not set.
  case pointer(GoShape)
  case list(GoShape)
  /// A struct with names for JSON, of which only what is set is shown.
  case tagged([String])

  struct Field: Sendable {
    var name: String
    var goName: String
    var shape: GoShape

    init(_ name: String, _ shape: GoShape = .unset, as goName: String? = nil) {
      self.name = name
      self.goName = goName ?? name.prefix(1).uppercased() + name.dropFirst()
      self.shape = shape
    }
  }

  /// Pointers, lists and maps.
  static let unset = GoShape.plain(zero: "null")
  static let string = GoShape.plain(zero: "\"\"")
  static let number = GoShape.plain(zero: "0")
  static let flag = GoShape.plain(zero: "false")

  func text(_ value: JSON?) -> String {
    switch self {
    case .plain(let zero): return value.map { $0.text.escapedForWeb } ?? zero
    case .pointer(let shape): return value == nil ? "null" : shape.text(value)
    case .list(let shape):
      guard let elements = value?.array else { return "null" }
      return "[" + elements.map(shape.text).joined(separator: ",") + "]"
    case .tagged(let names):
      let members = names.compactMap { name in
        value?[name].map { "\"\(name)\":" + $0.text.escapedForWeb }
      }
      return "{" + members.joined(separator: ",") + "}"
    case .structure(let fields):
      let members = fields.map { "\"\($0.goName)\":" + $0.shape.text(value?[$0.name]) }
      return "{" + members.joined(separator: ",") + "}"
    }
  }
}

extension Findings {
  /// An invalid value that is shown as Go would.
  mutating func invalid(_ path: Path, _ value: JSON?, as shape: GoShape, _ detail: String) {
    add(
      FieldError(
        reason: .invalid, field: path.description, message: "Invalid value: \(shape.text(value)): \(detail)"))
  }

  /// A field that an update may not change, shown as Go would.
  mutating func immutable(_ path: Path, new: JSON?, old: JSON?, as shape: GoShape) {
    if (new ?? .null) != (old ?? .null) { invalid(path, new, as: shape, "field is immutable") }
  }

  /// A value out of a closed set, where the struct around it is shown.
  mutating func notSupported(_ path: Path, _ value: JSON?, as shape: GoShape, _ supported: [String]) {
    let list = supported.map(Status.quoted).joined(separator: ", ")
    add(
      FieldError(
        reason: .notSupported, field: path.description,
        message: "Unsupported value: \(shape.text(value)): supported values: \(list)"))
  }
}

extension String {
  /// Go writes these three so that JSON can stand inside of HTML.
  fileprivate var escapedForWeb: String {
    guard utf8.contains(where: { $0 == 60 || $0 == 62 || $0 == 38 }) else { return self }
    var text = ""
    for character in unicodeScalars {
      switch character {
      case "<": text += "\\u003c"
      case ">": text += "\\u003e"
      case "&": text += "\\u0026"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}

extension GoShape {
  static let securityContext = GoShape.structure([
    Field("capabilities", .pointer(.structure([Field("add"), Field("drop")]))),
    Field("privileged"),
    Field(
      "seLinuxOptions",
      .pointer(
        .structure([Field("user", .string), Field("role", .string), Field("type", .string), Field("level", .string)])),
      as: "SELinuxOptions"),
    Field(
      "windowsOptions",
      .pointer(
        .structure([
          Field("gmsaCredentialSpecName", as: "GMSACredentialSpecName"),
          Field("gmsaCredentialSpec", as: "GMSACredentialSpec"), Field("runAsUserName"), Field("hostProcess"),
        ]))),
    Field("runAsUser"), Field("runAsGroup"), Field("runAsNonRoot"), Field("readOnlyRootFilesystem"),
    Field("allowPrivilegeEscalation"), Field("procMount"), Field("seccompProfile", .pointer(profile)),
    Field("appArmorProfile", .pointer(profile)),
  ])

  static let labelSelector = GoShape.pointer(.tagged(["matchLabels", "matchExpressions"]))

  static let ownerReference = GoShape.tagged(
    ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"])

  static let profile = GoShape.structure([Field("type", .string), Field("localhostProfile")])

  static let podResourceClaim = GoShape.structure([
    Field("name", .string), Field("resourceClaimName"), Field("resourceClaimTemplateName"),
  ])

  static let taint = GoShape.structure([
    Field("key", .string), Field("value", .string), Field("effect", .string), Field("timeAdded"),
  ])

  static let nodeAddress = GoShape.structure([Field("type", .string), Field("address", .string)])

  static let deploymentStrategy = GoShape.structure([
    Field("type", .string),
    Field(
      "rollingUpdate", .pointer(.structure([Field("maxUnavailable", .number), Field("maxSurge", .number)]))),
  ])

  static let statefulSetStrategy = GoShape.structure([
    Field("type", .string), Field("rollingUpdate", .pointer(statefulSetRolling)),
  ])

  static let statefulSetRolling = GoShape.structure([Field("partition", .number), Field("maxUnavailable")])
}
