@preconcurrency import Dispatch
import Foundation
import NodeAgent
import Synchronization
import Values

/// What ended containers wrote, a file a run, in the folder `logs` of the data directory: `UID_CONTAINER_ATTEMPT.log`, each
/// line with its time before it. Of a container the latest two runs are kept, of all together the newest up to a limit.
final class LogFiles: LogKeeper {
  private static let countLimit = 2000
  private static let byteLimit = 64 << 20
  /// The present run's log and the one before it.
  private static let runLimit = 2

  private struct File: Sendable {
    var run: LogRun
    var bytes: Int
  }

  private let directory: URL
  /// Oldest first; held while files are read and written.
  private let files: Mutex<[File]>
  /// Nobody who ends a container waits for the disk.
  private let queue = DispatchQueue(label: "swiftlet.logs", qos: .utility)

  /// - Parameter data: the data directory.
  init(data: URL) {
    directory = data.appendingPathComponent("logs", isDirectory: true)
    let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
    let found = try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: Array(keys))
    let known = (found ?? []).compactMap { url -> (Date, File)? in
      guard let run = LogRun(fileName: url.lastPathComponent), let values = try? url.resourceValues(forKeys: keys)
      else {
        return nil
      }
      return (values.contentModificationDate ?? .distantPast, File(run: run, bytes: values.fileSize ?? 0))
    }
    files = Mutex(known.sorted { $0.0 < $1.0 }.map(\.1))
  }

  /// Lets go of the logs of all other pods, which went while nobody looked.
  func retain(pods: Set<String>) {
    files.withLock { files in drop(from: &files) { !pods.contains($0.run.podUID) } }
  }

  func keep(_ lines: [LogLine], of run: LogRun) {
    queue.async { [self] in
      let text = lines.map { "\($0.time.rfc3339Micro) \($0.text)\n" }.joined()
      files.withLock { files in
        drop(from: &files) { file in
          file.run.podUID == run.podUID && file.run.container == run.container
            && (file.run.attempt <= run.attempt - Self.runLimit || file.run.attempt >= run.attempt)
        }
        // A disk that has no room for a log is no reason to stop: the log is then gone with the process.
        guard write(text, run) else { return }
        files.append(File(run: run, bytes: text.utf8.count))
        var bytes = files.reduce(0) { $0 + $1.bytes }
        while let oldest = files.first, files.count > Self.countLimit || bytes > Self.byteLimit {
          bytes -= oldest.bytes
          drop(from: &files) { $0.run == oldest.run }
        }
      }
    }
  }

  func latest(podUID: String, container: String, before attempt: Int?) -> (run: LogRun, lines: [LogLine])? {
    // What was written before this is to be found.
    queue.sync {}
    return files.withLock { files in
      let runs = files.map(\.run).filter {
        $0.podUID == podUID && $0.container == container && $0.attempt < attempt ?? .max
      }
      guard let run = runs.max(by: { $0.attempt < $1.attempt }),
        let text = try? String(contentsOf: directory.appendingPathComponent(run.fileName), encoding: .utf8)
      else { return nil }
      return (run, text.split(separator: "\n").compactMap(LogLine.init(kept:)))
    }
  }

  func remove(podUID: String) {
    queue.async { [self] in files.withLock { files in drop(from: &files) { $0.run.podUID == podUID } } }
  }

  private func drop(from files: inout [File], where isUnwanted: (File) -> Bool) {
    for file in files where isUnwanted(file) {
      // One that is gone already is as good.
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(file.run.fileName))
    }
    files.removeAll(where: isUnwanted)
  }

  private func write(_ text: String, _ run: LogRun) -> Bool {
    let manager = FileManager.default
    guard (try? manager.createDirectory(at: directory, withIntermediateDirectories: true)) != nil else { return false }
    return manager.createFile(
      atPath: directory.appendingPathComponent(run.fileName).path, contents: Data(text.utf8),
      attributes: [.posixPermissions: 0o600])
  }
}

extension LogRun {
  fileprivate var fileName: String { "\(podUID)_\(container)_\(attempt).log" }

  fileprivate init?(fileName: String) {
    let parts = fileName.split(separator: ".").first?.split(separator: "_").map(String.init) ?? []
    guard fileName.hasSuffix(".log"), parts.count == 3, let attempt = Int(parts[2]) else { return nil }
    self.init(podUID: parts[0], container: parts[1], attempt: attempt)
  }
}

extension LogLine {
  fileprivate init?(kept line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let time = Instant(rfc3339: String(parts[0])) else { return nil }
    self.init(time: time, text: parts.count > 1 ? String(parts[1]) : "")
  }
}
