import JSONCore

/// iSCSI targets and initiators.
extension Findings {
  mutating func iscsi(_ source: JSON, _ path: Path, isPersistent: Bool) {
    let name = source.text("iqn")
    let form = isPersistent ? "must be valid format" : "must be valid format starting with iqn, eui, or naa"
    if !name.isEmpty { qualifiedTarget(name, path.child("iqn"), otherwise: form) }
    inRange(path.child("lun"), source["lun"], 0...255)
    if source["chapAuthDiscovery"]?.bool == true || source["chapAuthSession"]?.bool == true,
      source["secretRef"] == nil
    {
      required(path.child("secretRef"))
    }
    if isPersistent, let reference = source["secretRef"], reference.text("name").isEmpty {
      required(path.child("secretRef").child("name"))
    }
    if let initiator = source["initiatorName"]?.string {
      qualifiedTarget(initiator, path.child("initiatorname"), otherwise: form)
    }
  }

  private mutating func qualifiedTarget(_ name: String, _ path: Path, otherwise words: String) {
    let isGood: Bool
    switch name.prefix(3) {
    case "iqn": isGood = Self.isQualifiedTarget(name)
    case "eui": isGood = name.count == 20 && name.dropFirst(4).utf8.allSatisfy(Names.isAlphanumeric)
    case "naa": isGood = name.count == 36 && name.dropFirst(4).utf8.allSatisfy(Names.isAlphanumeric)
    default: return invalid(path, .string(name), words)
    }
    if !isGood { invalid(path, .string(name), "must be valid format") }
  }

  /// `iqn.2001-04.com.example:storage.disk1`
  private static func isQualifiedTarget(_ name: String) -> Bool {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty else { return false }
    let start = parts[0].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard start.count == 3, start[0] == "iqn", start[1].utf8.count == 7, !start[2].isEmpty else { return false }
    let date = start[1].split(separator: "-", omittingEmptySubsequences: false)
    guard date.count == 2, date[0].count == 4, date.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      return false
    }
    return !parts[1].contains { ",;*&$|".contains($0) || $0.isWhitespace }
      && start[2].utf8.allSatisfy { Names.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }
}
