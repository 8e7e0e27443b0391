import Values

/// The files that a kubelet writes into a volume: of ConfigMaps, Secrets, fields of the pod.
///
/// They lie in a folder named by a time, which the link `..data` leads to; the names that users see are links through it, so
/// that all of them change at once.
public struct ProjectedFiles: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  struct File: Sendable, Equatable {
    var text: String
    var mode: FileMode = 0o644
    var owner = FileOwner.root
  }

  /// By their paths.
  var files: [String: File] = [:]
  /// When the volume was made.
  var time = Instant.epoch

  public init() {}

  init(at time: Instant) { self.time = time }

  public init(dictionaryLiteral elements: (String, String)...) {
    for (path, text) in elements { files[path] = File(text: text) }
  }

  /// `..2026_11_21_19_30_05.123456789`: as long as nothing changes the name does not either.
  private var folder: String {
    var fingerprint: UInt64 = 0
    for (path, file) in files { fingerprint ^= WellKnownImages.fingerprint("\(path)=\(file.mode.digits)=\(file.text)") }
    let digits = String(fingerprint % 1_000_000_000)
    let padding = String(repeating: "0", count: 9 - digits.count)
    return ".." + Calendar(time).text(["+%Y_%m_%d_%H_%M_%S"]) + "." + padding + digits
  }

  var tree: FileTree {
    var tree = FileTree()
    let folder = folder
    func link(_ path: String, _ target: String) {
      tree.put(path, FileEntry(content: .link(to: target), mode: 0o777, modified: time))
    }
    tree.makeDirectory(folder, mode: 0o755, at: time)
    link("..data", folder)
    for (path, file) in files {
      tree.write("\(folder)/\(path)", file.text, mode: file.mode, owner: file.owner, at: time)
      guard let top = path.split(separator: "/").first else { continue }
      link(String(top), "..data/\(top)")
    }
    return tree
  }
}
