/// The files of one volume or of one container's own layer: small texts by their paths, with bounds.
struct FileTree: Sendable, Equatable {
  /// The most files, and the most bytes of all of them together.
  static let countLimit = 1000
  static let byteLimit = 1 << 20

  /// Paths without a leading slash; a directory has no text.
  private(set) var files: [String: String?] = [:]
  private var bytes = 0

  init(_ texts: [String: String] = [:]) {
    for (path, text) in texts { write(path, text) }
  }

  func text(_ path: String) -> String? { files[path] ?? nil }

  func isDirectory(_ path: String) -> Bool {
    if path.isEmpty { return true }
    if let entry = files[path] { return entry == nil }
    return files.keys.contains { $0.hasPrefix(path + "/") }
  }

  func exists(_ path: String) -> Bool { files[path] != nil || isDirectory(path) }

  /// The names directly below a directory.
  func names(in path: String) -> [String] {
    let prefix = path.isEmpty ? "" : path + "/"
    let names = files.keys.filter { $0.hasPrefix(prefix) && $0 != path }
      .compactMap { $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init) }
    return Set(names).sorted()
  }

  /// False when there is no more room.
  @discardableResult
  mutating func write(_ path: String, _ text: String, appends: Bool = false) -> Bool {
    let old = self.text(path) ?? ""
    let new = appends ? old + text : text
    let total = bytes - old.utf8.count + new.utf8.count
    if total > Self.byteLimit || files[path] == nil && files.count >= Self.countLimit { return false }
    bytes = total
    files[path] = .some(new)
    return true
  }

  mutating func makeDirectory(_ path: String) {
    if files[path] == nil, files.count < Self.countLimit, !path.isEmpty { files[path] = .some(nil) }
  }

  /// Removes a file, or a directory with all that is in it.
  mutating func remove(_ path: String) {
    for key in files.keys where key == path || key.hasPrefix(path + "/") {
      bytes -= (text(key) ?? "").utf8.count
      files[key] = nil
    }
  }
}
