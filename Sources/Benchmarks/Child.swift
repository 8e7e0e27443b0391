import Foundation

/// A process under measure.
final class Child {
  let process = Process()

  init(_ executable: String, _ arguments: [String], output: Any? = FileHandle.nullDevice) throws {
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  var identifier: Int32 { process.processIdentifier }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// CPU used so far, user and system, in seconds.
  var cpuSeconds: Double {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return 0 }
    let fields = text[end...].split(separator: " ")
    let ticks = (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0)
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Resident memory in bytes.
  var residentBytes: Double {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8) else { return 0 }
    let pages = Double(text.split(separator: " ").dropFirst().first ?? "0") ?? 0
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// Paths of programs that a measure needs beside our own.
func tool(_ name: String) throws -> String {
  for directory in ["/usr/bin", "/usr/sbin", "/usr/local/bin"] {
    let path = "\(directory)/\(name)"
    if FileManager.default.isExecutableFile(atPath: path) { return path }
  }
  throw MissingTool(name: name)
}

/// A swiftlet on free ports with a data directory of its own.
final class ServerUnderTest {
  let child: Child
  let port: Int
  let directory: URL
  /// From the start of the process to the first line that names a URL, in seconds.
  let readySeconds: Double

  init(_ binary: String, _ flags: [String], directory: URL? = nil) throws {
    self.directory = directory ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let pipe = Pipe()
    let start = DispatchTime.now().uptimeNanoseconds
    child = try Child(
      binary,
      ["up", "--no-auth", "--data", self.directory.path, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"] + flags,
      output: pipe)
    var text = ""
    var found: Int?
    while found == nil {
      let data = pipe.fileHandleForReading.availableData
      guard !data.isEmpty else { throw Failure.ended }
      text += String(decoding: data, as: UTF8.self)
      found = Self.port(in: text)
    }
    port = found ?? 0
    readySeconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  enum Failure: Error { case ended }

  private static func port(in text: String) -> Int? {
    guard let range = text.range(of: "http://127.0.0.1:") else { return nil }
    let digits = text[range.upperBound...].prefix { $0.isNumber }
    return text[range.upperBound...].count > digits.count ? Int(digits) : nil
  }

  var url: String { "http://127.0.0.1:\(port)" }

  func stop(keepData: Bool = false) {
    child.stop()
    if !keepData { try? FileManager.default.removeItem(at: directory) }
  }
}
