import Values

/// The files of one volume or of one container's own layer: small texts by their paths, with bounds.
struct FileTree: Sendable, Equatable {
  /// The most files, and the most bytes of all of them together.
  static let countLimit = 1000
  static let byteLimit = 8 << 20

  /// Paths without a leading slash; "" is the tree itself, where anybody has said something of it.
  private(set) var entries: [String: FileEntry] = [:]
  private(set) var bytes = 0
  private var links = 0

  init() {}

  /// Files that anyone may read.
  init(_ texts: [String: String]) {
    for (path, text) in texts { write(path, text) }
  }

  var hasLinks: Bool { links > 0 }

  /// nil where there is nothing, and for a folder that is there only because of what is in it.
  func entry(_ path: String) -> FileEntry? { entries[path] }

  func text(_ path: String) -> String? { entries[path]?.text }

  func isDirectory(_ path: String) -> Bool {
    if path.isEmpty { return true }
    if let entry = entries[path] { return entry.isFolder }
    return entries.keys.contains { $0.hasPrefix(path + "/") }
  }

  func exists(_ path: String) -> Bool { entries[path] != nil || isDirectory(path) }

  /// The names directly below a directory.
  func names(in path: String) -> [String] {
    let prefix = path.isEmpty ? "" : path + "/"
    let names = entries.keys.filter { $0.hasPrefix(prefix) && $0 != path }
      .compactMap { $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init) }
    return Set(names).sorted()
  }

  // MARK: Changing

  /// Writes a file, which keeps its mode and owner when it is there already; false when there is no more room.
  @discardableResult
  mutating func write(
    _ path: String, _ text: String, appends: Bool = false, mode: FileMode = 0o644, owner: FileOwner = .root,
    at now: Instant? = nil
  ) -> Bool {
    var entry = entries[path] ?? FileEntry(content: .text(""), mode: mode, owner: owner)
    entry.write(text, appends: appends)
    entry.modified = now
    return put(path, entry)
  }

  mutating func makeDirectory(
    _ path: String, mode: FileMode = 0o755, owner: FileOwner = .root, at now: Instant? = nil
  ) {
    if entries[path] != nil || path.isEmpty { return }
    put(path, FileEntry(content: .folder, mode: mode, owner: owner, modified: now))
  }

  /// Puts an entry in the place of what is there; false when there is no more room.
  @discardableResult
  mutating func put(_ path: String, _ entry: FileEntry) -> Bool {
    let old = entries[path]
    let total = bytes - Self.weight(old) + Self.weight(entry)
    if total > Self.byteLimit || old == nil && entries.count >= Self.countLimit { return false }
    bytes = total
    links += (entry.target == nil ? 0 : 1) - (old?.target == nil ? 0 : 1)
    entries[path] = entry
    return true
  }

  /// Removes a file, or a directory with all that is in it.
  mutating func remove(_ path: String) {
    for key in entries.keys where key == path || key.hasPrefix(path + "/") {
      bytes -= Self.weight(entries[key])
      if entries[key]?.target != nil { links -= 1 }
      entries[key] = nil
    }
  }

  private static func weight(_ entry: FileEntry?) -> Int { entry.map { $0.isFolder ? 0 : $0.size } ?? 0 }
}
