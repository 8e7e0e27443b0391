import JSONCore
import Objects

/// What a validation has found so far: one field error a fault, in the order of the checks.
///
/// A small body can hold a million faults, each with words of its own. Who mends the first ones hears of the next.
public struct Findings: Sendable {
  public private(set) var errors: [FieldError] = []

  /// Whether the errors will be read.
  private let showsPaths: Bool

  /// False while it is only asked whether there is a fault at all.
  var isRead: Bool { showsPaths }

  public init() { showsPaths = true }

  private init(showsPaths: Bool) { self.showsPaths = showsPaths }

  /// Empty ones for the same reader.
  func another() -> Findings { Findings(showsPaths: showsPaths) }

  /// All that `judge` finds. Hardly any object has faults, so it looks for them without noting where it stands, and once
  /// more for those who want to know.
  static func collect(_ judge: (inout Findings) -> Void) -> [FieldError] {
    var quick = Findings(showsPaths: false)
    judge(&quick)
    if quick.errors.isEmpty { return [] }
    var findings = Findings()
    judge(&findings)
    return findings.errors
  }

  /// The path of a field of the object, for rules that go far down from there.
  func path(_ field: String) -> Path { showsPaths ? Path(field) : .unseen }

  public mutating func add(_ error: @autoclosure () -> FieldError) {
    if errors.count < Status.maximumCauses { errors.append(error()) }
  }

  public mutating func required(_ path: Path, _ detail: String = "") { add(.required(path, detail)) }

  public mutating func invalid(_ path: Path, _ value: JSON?, _ detail: String) {
    add(.invalid(path, value ?? .null, detail))
  }

  /// An invalid value that the message does not show.
  public mutating func invalid(_ path: Path, _ detail: String) {
    add(FieldError(reason: .invalid, field: path.description, message: "Invalid value: \(detail)"))
  }

  public mutating func forbidden(_ path: Path, _ detail: String) { add(.forbidden(path, detail)) }

  public mutating func duplicate(_ path: Path, _ value: JSON) { add(.duplicate(path, value)) }

  /// One error for each message, as the name checks return them.
  public mutating func invalid(_ path: Path, _ value: String, messages: [String]) {
    for message in messages { invalid(path, .string(value), message) }
  }

  /// A string out of a closed set. An empty value is asked for as `Required` unless `allowsEmpty`.
  public mutating func oneOf(_ path: Path, _ value: String, _ supported: [String], allowsEmpty: Bool = false) {
    if supported.contains(value) { return }
    if value.isEmpty {
      if !allowsEmpty { required(path) }
    } else {
      add(.notSupported(path, .string(value), supported))
    }
  }

  /// A string out of a closed set where the empty string is unsupported, too, rather than missing.
  public mutating func supported(_ path: Path, _ value: String, _ supported: [String]) {
    if !supported.contains(value) { add(.notSupported(path, .string(value), supported)) }
  }

  /// A number of things: `must be greater than or equal to 0`.
  public mutating func nonNegative(_ path: Path, _ value: JSON?) {
    if let number = value?.int, number < 0 { invalid(path, value, "must be greater than or equal to 0") }
  }

  public mutating func inRange(_ path: Path, _ value: JSON?, _ range: ClosedRange<Int>) {
    guard let number = value?.int, !range.contains(number) else { return }
    invalid(path, value, "must be between \(range.lowerBound) and \(range.upperBound), inclusive")
  }

  /// A field that an update may not change (`apivalidation.ValidateImmutableField`).
  public mutating func immutable(_ path: Path, new: JSON?, old: JSON?) {
    if (new ?? .null) != (old ?? .null) { invalid(path, new, "field is immutable") }
  }

  /// The elements of a list with their paths.
  public func elements(_ value: JSON?, _ path: Path) -> PathElements {
    PathElements(path: path, elements: value?.array ?? [])
  }
}

/// The elements of a list with their paths.
public struct PathElements: Sequence, IteratorProtocol {
  fileprivate let path: Path
  fileprivate let elements: [JSON]
  private var index = 0

  fileprivate init(path: Path, elements: [JSON]) {
    self.path = path
    self.elements = elements
  }

  public mutating func next() -> (Path, JSON)? {
    guard index < elements.count else { return nil }
    defer { index += 1 }
    return (path.index(index), elements[index])
  }
}
