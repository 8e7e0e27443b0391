import Values

/// A file, a folder or a symbolic link.
struct FileEntry: Sendable, Equatable {
  enum Content: Sendable, Equatable {
    case text(String)
    case folder
    case link(to: String)
  }

  private(set) var content: Content
  /// In bytes.
  private(set) var size: Int
  /// The permissions, with the bits for the owner's and the group's identity and for the keeping of names.
  var mode: FileMode
  var owner = FileOwner.root
  /// nil: as old as what it lies in.
  var modified: Instant?

  init(content: Content, mode: FileMode, owner: FileOwner = .root, modified: Instant? = nil) {
    self.content = content
    self.mode = mode
    self.owner = owner
    self.modified = modified
    switch content {
    case .text(let text): size = RawText.count(text)
    case .folder: size = 4096
    case .link(let target): size = target.utf8.count
    }
  }

  /// Makes it a file with this text, or adds the text to its end.
  mutating func write(_ text: String, appends: Bool) {
    size = (appends && self.text != nil ? size : 0) + RawText.count(text)
    content = .text(appends ? (self.text ?? "") + text : text)
  }

  static func folder(_ mode: FileMode = 0o755, _ owner: FileOwner = .root) -> FileEntry {
    FileEntry(content: .folder, mode: mode, owner: owner)
  }

  var text: String? { if case .text(let text) = content { text } else { nil } }
  var target: String? { if case .link(let target) = content { target } else { nil } }
  var isFolder: Bool { content == .folder }
}

/// Who a file belongs to.
struct FileOwner: Sendable, Equatable {
  static let root = FileOwner(user: 0, group: 0)

  var user: Int
  var group: Int
}

/// `0o755`, and how it is shown.
struct FileMode: RawRepresentable, Sendable, Equatable, ExpressibleByIntegerLiteral {
  static let setGroup: UInt16 = 0o2000
  static let sticky: UInt16 = 0o1000
  static let setUser: UInt16 = 0o4000

  var rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue & 0o7777 }
  init(integerLiteral value: UInt16) { self.init(rawValue: value) }
  init(_ bits: UInt16) { self.init(rawValue: bits) }

  var permissions: UInt16 { rawValue & 0o777 }
  func has(_ bit: UInt16) -> Bool { rawValue & bit != 0 }

  /// `rwxr-xr-x`, with `s` and `t` where `ls` has them.
  var letters: String {
    var result = Array(plainLetters)
    for (index, bit, name) in [(2, Self.setUser, "s"), (5, Self.setGroup, "s"), (8, Self.sticky, "t")] where has(bit) {
      result[index] = Character(result[index] == "x" ? name : name.uppercased())
    }
    return String(result)
  }

  /// `rwxr-xr-x`, whatever other bits are set.
  var plainLetters: String {
    String((0..<9).map { index in permissions & (0o400 >> UInt16(index)) == 0 ? "-" : Array("rwxrwxrwx")[index] })
  }

  /// `755`, `1777`
  var digits: String { String(rawValue, radix: 8) }

  /// What `chmod` makes of it: `644`, `u+x`, `go-rwx,a=r`; nil for what is no mode.
  func changed(by text: String, isFolder: Bool) -> FileMode? {
    if let number = UInt16(text, radix: 8) { return number <= 0o7777 ? FileMode(number) : nil }
    var bits = rawValue
    for clause in text.split(separator: ",") {
      guard let sign = clause.firstIndex(where: { "+-=".contains($0) }) else { return nil }
      let who = clause[..<sign].isEmpty ? "a" : clause[..<sign]
      var wanted: UInt16 = 0
      for letter in clause[clause.index(after: sign)...] {
        switch letter {
        case "r": wanted |= 0o444
        case "w": wanted |= 0o222
        case "x": wanted |= 0o111
        case "X": wanted |= isFolder || bits & 0o111 != 0 ? 0o111 : 0
        case "s": wanted |= 0o6000
        case "t": wanted |= 0o1000
        default: return nil
        }
      }
      var mask: UInt16 = 0
      for letter in who {
        switch letter {
        case "u": mask |= 0o4700
        case "g": mask |= 0o2070
        case "o": mask |= 0o0007
        case "a": mask |= 0o7777
        default: return nil
        }
      }
      switch clause[sign] {
      case "+": bits |= wanted & (mask | 0o1000)
      case "-": bits &= ~(wanted & (mask | 0o1000))
      default: bits = bits & ~(mask & 0o777) | wanted & mask
      }
    }
    return FileMode(bits)
  }
}
