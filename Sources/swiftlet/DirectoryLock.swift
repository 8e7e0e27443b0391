import Foundation

/// Keeps a second process away from a data directory; the system lets go of it when this one ends, however it ends.
final class DirectoryLock: Sendable {
  private let descriptor: Int32

  init(_ directory: URL) throws {
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let path = directory.appendingPathComponent("lock").path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw UsageError(description: "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw UsageError(
        description: "\(directory.path) is in use by another swiftlet; stop it, or choose another --data")
    }
  }

  deinit { close(descriptor) }
}
