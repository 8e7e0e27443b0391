@preconcurrency import Dispatch
import Foundation
import NodeAgent
import Synchronization

/// The files of claims, a file a claim, in the folder `volumes` of the data directory.
final class VolumeDirectory: VolumeKeeper {
  /// The most bytes of all claims together; what is beyond is not kept.
  private static let byteLimit = 256 << 20

  private let directory: URL
  /// By the names of files; held while they are read and written.
  private let sizes: Mutex<[String: Int]>
  /// Nobody who writes into a volume waits for the disk.
  private let queue = DispatchQueue(label: "swiftlet.volumes", qos: .utility)

  /// - Parameters:
  ///   - data: the data directory
  ///   - claims: those that there are, as namespace and UID; the files of others go.
  init(data: URL, claims: [(namespace: String, uid: String)]) {
    directory = data.appendingPathComponent("volumes", isDirectory: true)
    let wanted = Set(claims.map { Self.name("claim/\($0.namespace)/\($0.uid)") })
    let found = try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: [.fileSizeKey])
    var sizes: [String: Int] = [:]
    for url in found ?? [] {
      if wanted.contains(url.lastPathComponent) {
        sizes[url.lastPathComponent] = (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
      } else {
        // One that is gone already is as good.
        try? FileManager.default.removeItem(at: url)
      }
    }
    self.sizes = Mutex(sizes)
  }

  /// `claim/shop/UID` as the name of a file.
  private static func name(_ id: String) -> String { id.replacing("/", with: "_") + ".json" }

  func kept(_ id: String) -> [UInt8]? {
    // What was written before this is to be found.
    queue.sync {}
    let name = Self.name(id)
    return sizes.withLock { sizes in
      guard sizes[name] != nil, let data = try? Data(contentsOf: directory.appendingPathComponent(name)) else {
        return nil
      }
      return Array(data)
    }
  }

  func keep(_ bytes: [UInt8], of id: String) {
    queue.async { [self] in
      let name = Self.name(id)
      sizes.withLock { sizes in
        let others = sizes.reduce(0) { $0 + ($1.key == name ? 0 : $1.value) }
        // A disk that has no room is no reason to stop: the files are then gone with the process.
        guard others + bytes.count <= Self.byteLimit, write(bytes, name) else { return }
        sizes[name] = bytes.count
      }
    }
  }

  func remove(_ id: String) {
    queue.async { [self] in
      let name = Self.name(id)
      sizes.withLock { sizes in
        guard sizes.removeValue(forKey: name) != nil else { return }
        try? FileManager.default.removeItem(at: directory.appendingPathComponent(name))
      }
    }
  }

  /// Waits until all is on the disk.
  func finish() { queue.sync {} }

  private func write(_ bytes: [UInt8], _ name: String) -> Bool {
    let manager = FileManager.default
    guard
      (try? manager.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])) != nil
    else { return false }
    let url = directory.appendingPathComponent(name)
    guard (try? Data(bytes).write(to: url, options: .atomic)) != nil else { return false }
    try? manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
    return true
  }
}
