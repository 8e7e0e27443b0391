import JSONCore
import Values

/// A tree as it is kept while nobody runs: an object of paths, of which each has its text or target, mode and owner.
extension FileTree {
  /// nil when the bytes are none of ours.
  init?(kept bytes: [UInt8]) {
    guard let json = try? JSON.parse(bytes), let paths = json.object else { return nil }
    self.init()
    for (path, json) in paths {
      let content: FileEntry.Content =
        json["text"]?.string.map { .text($0) } ?? json["target"]?.string.map { .link(to: $0) } ?? .folder
      let mode = json["mode"]?.int.flatMap { UInt16(exactly: $0) } ?? 0o755
      let owner = FileOwner(user: json["user"]?.int ?? 0, group: json["group"]?.int ?? 0)
      put(
        path,
        FileEntry(content: content, mode: FileMode(mode), owner: owner, modified: Instant(rfc3339: json.text("time"))))
    }
  }

  var kept: [UInt8] {
    var result = JSON.emptyObject
    for (path, entry) in entries.sorted(by: { $0.key < $1.key }) {
      var json: JSON = ["mode": .int(Int64(entry.mode.rawValue))]
      if let text = entry.text { json["text"] = .string(text) }
      if let target = entry.target { json["target"] = .string(target) }
      if entry.owner.user != 0 { json["user"] = .int(Int64(entry.owner.user)) }
      if entry.owner.group != 0 { json["group"] = .int(Int64(entry.owner.group)) }
      if let time = entry.modified { json["time"] = .string(time.rfc3339Micro) }
      result[path] = json
    }
    return Array(result.text.utf8)
  }
}

/// Keeps the files of claims from one run of the server to the next.
public protocol VolumeKeeper: Sendable {
  /// What was kept last under a volume's id.
  func kept(_ id: String) -> [UInt8]?
  /// Takes over bytes, without making anybody wait.
  func keep(_ bytes: [UInt8], of id: String)
  func remove(_ id: String)
}
