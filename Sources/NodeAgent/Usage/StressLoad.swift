import JSONCore
import Objects
import Values

/// What the usual load makers are told to use: `stress`, `stress-ng` and the images around them, and shell programs that
/// are nothing but busy.
struct StressLoad: Sendable, Equatable {
  /// In cores.
  var cpu = 0.0
  /// In bytes.
  var memory: Int64 = 0
  /// When it ends by itself.
  var time: Duration?
  /// How many workers of each sort: for its first line.
  var workers = (cpu: 0, memory: 0)
  /// It is the container's own program, with no shell around it.
  var isMain = false

  private static let programs: Set<String> = ["stress", "stress-ng"]
  /// What such a program takes beside what it was told to.
  private static let ownMemory: Int64 = 5 << 20
  private static let usualMemory: Int64 = 256 << 20
  /// `--cpu 0` is one for each of the node's.
  private static let allCores = 8
  private static let memoryLimit: Int64 = 1 << 50
  /// Texts of programs that keep one core busy.
  private static let busy = [
    "yes > /dev/null", "yes >/dev/null", "if=/dev/zero of=/dev/null", "sha256sum /dev/zero", "md5sum /dev/zero",
    "while true; do :; done", "while :; do :; done", "while true; do true; done", "cat /dev/zero > /dev/null",
    "cat /dev/urandom > /dev/null",
  ]

  static func == (left: StressLoad, right: StressLoad) -> Bool {
    left.cpu == right.cpu && left.memory == right.memory && left.time == right.time && left.isMain == right.isMain
  }

  /// nil for containers that do something else.
  init?(_ container: PodSpecification.Container) {
    self.init(image: container.image, command: container.command, arguments: container.arguments)
  }

  /// nil for containers that do something else.
  init?(image: String, command: [String], arguments: [String]) {
    let words = command + arguments
    guard let first = words.first else { return nil }
    let program = first.split(separator: "/").last.map(String.init) ?? first
    let short = ImageReference(image).short
    if Self.programs.contains(program) {
      self.init(arguments: Array(words.dropFirst()))
      isMain = true
    } else if first.hasPrefix("-"), command.isEmpty, short.contains("stress") {
      self.init(arguments: words)
      isMain = true
    } else if let text = words.first(where: { $0.contains("stress") }), let inner = Self.arguments(in: text) {
      self.init(arguments: inner)
    } else if words.contains(where: { text in Self.busy.contains { text.contains($0) } }) {
      self.init(arguments: [])
      cpu = 1
    } else {
      return nil
    }
  }

  /// What follows `stress` in a shell program, up to the end of the command.
  private static func arguments(in text: String) -> [String]? {
    let words = text.split { $0.isWhitespace }.map(String.init)
    guard let start = words.firstIndex(where: programs.contains) else { return nil }
    var arguments: [String] = []
    for word in words[(start + 1)...] {
      if ["&", "&&", "|", "||", ";"].contains(word) { break }
      arguments.append(word.filter { $0 != ";" && $0 != "&" })
      if word.hasSuffix(";") || word.hasSuffix("&") { break }
    }
    return arguments
  }

  init(arguments: [String]) {
    var rest = arguments.flatMap { $0.split(separator: "=", maxSplits: 1).map(String.init) }[...]
    var bytes = Self.usualMemory
    var percent = 100.0
    var isHanging = false
    func count(_ text: String?) -> Int { min(max(0, text.flatMap { Int($0) } ?? 0), 10_000) }
    while let option = rest.popFirst() {
      switch option {
      case "-c", "--cpu", "-cpus", "--cpus":
        let number = count(rest.popFirst())
        workers.cpu += number == 0 ? Self.allCores : number
      case "-m", "--vm": workers.memory += max(1, count(rest.popFirst()))
      case "--vm-bytes": bytes = rest.popFirst().flatMap(Self.bytes) ?? bytes
      case "-mem-total", "--mem-total":
        memory = rest.popFirst().flatMap { Quantity(.string($0)) }.map { max(0, $0.value) } ?? 0
      case "--vm-hang":
        isHanging = true
        _ = rest.popFirst()
      case "--vm-keep": isHanging = true
      case "-l", "--cpu-load": percent = Double(count(rest.popFirst()))
      case "-t", "--timeout": time = rest.popFirst().flatMap { ShellCommands.time($0) ?? nil }
      default: break
      }
    }
    cpu = Double(workers.cpu) * min(percent, 100) / 100 + (isHanging ? 0.01 : Double(workers.memory))
    let wanted = Int64(workers.memory).multipliedReportingOverflow(by: bytes)
    memory = min(Self.memoryLimit, wanted.overflow ? Self.memoryLimit : max(memory, wanted.partialValue))
    if memory > 0 { memory += Self.ownMemory }
  }

  /// `150M`, `1G`, `512k`, by powers of 1024.
  private static func bytes(_ text: String) -> Int64? {
    let shifts: [Character: Int64] = ["b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
    let unit = text.last.flatMap { shifts[Character($0.lowercased())] }
    guard let number = Int64(unit == nil ? text : String(text.dropLast())), number >= 0 else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? memoryLimit : min(product, memoryLimit)
  }

  /// `stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd`
  var line: String {
    "stress: info: [1] dispatching hogs: \(workers.cpu) cpu, 0 io, \(workers.memory) vm, 0 hdd"
  }
}
