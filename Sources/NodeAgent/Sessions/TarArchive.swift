import Values

/// Archives in the ustar format, with the long names of GNU and POSIX: what `tar` and `kubectl cp` exchange.
enum TarArchive {
  struct Entry: Sendable, Equatable {
    var path: String
    /// nil for a folder.
    var bytes: [UInt8]?
    /// Where a symbolic link leads.
    var target: String?

    fileprivate var kind: Character { target != nil ? "2" : bytes == nil ? "5" : "0" }
  }

  private static let block = 512

  // MARK: Writing

  static func bytes(_ entries: [Entry], at now: Instant) -> [UInt8] {
    var result: [UInt8] = []
    for entry in entries {
      let path = entry.kind == "5" ? entry.path + "/" : entry.path
      if path.utf8.count > 100 {
        let name = Array(path.utf8) + [0]
        result += header("././@LongLink", size: name.count, kind: "L", now) + padded(name)
      }
      let count = entry.bytes?.count ?? 0
      if let target = entry.target, target.utf8.count > 100 {
        let name = Array(target.utf8) + [0]
        result += header("././@LongLink", size: name.count, kind: "K", now) + padded(name)
      }
      result += header(path, size: count, kind: entry.kind, target: entry.target ?? "", now)
      result += padded(entry.bytes ?? [])
    }
    return result + [UInt8](repeating: 0, count: 2 * block)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (block - bytes.count % block) % block)
  }

  private static func header(
    _ path: String, size: Int, kind: Character, target: String = "", _ now: Instant
  ) -> [UInt8] {
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text + "\0"
    }
    func field(_ text: String, _ count: Int) -> [UInt8] {
      let bytes = Array(text.utf8.prefix(count))
      return bytes + [UInt8](repeating: 0, count: count - bytes.count)
    }
    let before =
      field(path, 100) + field(octal(kind == "5" ? 0o755 : 0o644, 7), 8) + field(octal(0, 7), 8) + field(octal(0, 7), 8)
      + field(octal(size, 11), 12) + field(octal(max(0, Int(now.seconds)), 11), 12)
    let after =
      field(String(kind), 1) + field(target, 100) + field("ustar\0", 6) + field("00", 2) + field("root", 32)
      + field("root", 32) + field("", 183)
    let sum = (before + after).reduce(8 * 32) { $0 + Int($1) }
    return before + field(octal(sum, 6) + " ", 8) + after
  }

  // MARK: Reading

  /// What an archive holds; nil when it is none.
  static func entries(_ bytes: [UInt8]) -> [Entry]? {
    var entries: [Entry] = []
    var start = 0
    var longName: String?
    var longTarget: String?
    while start + block <= bytes.count {
      let header = bytes[start..<(start + block)]
      if header.allSatisfy({ $0 == 0 }) { return entries }
      func text(_ range: Range<Int>) -> String {
        String(
          decoding: bytes[(start + range.lowerBound)..<(start + range.upperBound)].prefix { $0 != 0 }, as: UTF8.self)
      }
      let digits = text(124..<136).filter { $0 >= "0" && $0 <= "7" }
      guard let size = Int(digits.isEmpty ? "0" : digits, radix: 8), size <= bytes.count - start - block else {
        return nil
      }
      let content = bytes[(start + block)..<(start + block + size)]
      let prefix = text(345..<500)
      let path =
        longName ?? (prefix.isEmpty || text(257..<262) != "ustar" ? text(0..<100) : prefix + "/" + text(0..<100))
      switch bytes[start + 156] {
      case UInt8(ascii: "L"): longName = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "x"): longName = name(inExtension: content) ?? longName
      case UInt8(ascii: "5"):
        entries.append(Entry(path: path, bytes: nil))
        longName = nil
      case UInt8(ascii: "0"), 0:
        entries.append(Entry(path: path, bytes: Array(content)))
        longName = nil
      case UInt8(ascii: "K"): longTarget = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "2"):
        entries.append(Entry(path: path, bytes: nil, target: longTarget ?? text(157..<257)))
        (longName, longTarget) = (nil, nil)
      case UInt8(ascii: "g"): break
      default: longName = nil
      }
      start += block + (size + block - 1) / block * block
    }
    return start == 0 ? nil : entries
  }

  /// `21 path=some/name` in lines.
  private static func name(inExtension content: ArraySlice<UInt8>) -> String? {
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard parts.count == 2, parts[1].starts(with: "path=".utf8) else { continue }
      return String(decoding: parts[1].dropFirst(5), as: UTF8.self)
    }
    return nil
  }
}
