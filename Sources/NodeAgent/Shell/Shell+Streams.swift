/// Where output goes and input comes from.
extension Shell {
  mutating func print(_ text: String, _ world: inout ShellWorld) { write(text + "\n", to: streams.out, &world) }

  /// An error message of a program, which fails with it.
  mutating func fail(_ message: String, _ world: inout ShellWorld, code: Int = 1) -> Int {
    write(message + "\n", to: streams.error, &world)
    return code
  }

  mutating func write(_ text: String, to sink: Streams.Sink, _ world: inout ShellWorld) {
    switch sink {
    case .nowhere: break
    case .output: pending.append(.output(text, isError: false))
    case .errors: pending.append(.output(text, isError: true))
    case .buffer: if buffer.utf8.count < Self.bufferLimit { buffer += text }
    case .file(let path):
      do throws(ShellWorld.Failure) { try world.write(path, text, appends: true) } catch {
        pending.append(.line("\(name): write error: \(error.text)"))
        lostOutput = true
      }
    case .log:
      var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
      let rest = lines.popLast() ?? ""
      for line in lines {
        pending.append(.line(partialLine + line))
        partialLine = ""
      }
      partialLine += rest
      if partialLine.utf8.count < Self.partialLimit { return }
      pending.append(.line(partialLine))
      partialLine = ""
    }
  }

  /// The text that comes in.
  var input: String {
    mutating get {
      ranDry = ranDry || streams.isCut
      return streams.input ?? stdin.all()
    }
  }

  /// The beginning of what comes in.
  mutating func input(bytes count: Int, _ world: inout ShellWorld) -> String {
    if let device = streams.device { return device.text(count, &world.random) }
    let text = streams.input ?? stdin.all()
    let bytes = RawText.bytes(text)
    if bytes.count < count { ranDry = ranDry || streams.isCut }
    return bytes.count <= count ? text : RawText.text(Array(bytes.prefix(count)))
  }

  /// The text of a file, or what comes in.
  /// - Parameter most: how many bytes of it are wanted; nil: all. A device has always more.
  mutating func read(
    _ name: String, most: Int? = nil, _ world: inout ShellWorld
  ) throws(ShellWorld.Failure) -> String {
    if name == "-" || name == "/dev/stdin" { return most.map { input(bytes: $0, &world) } ?? input }
    guard let device = Device(path: path(name)) else { return try world.read(path(name)) }
    if most == nil { ranDry = ranDry || device != .null }
    return device.text(most ?? device.piece, &world.random)
  }

  /// A path as a process means it: absolute, or below the working directory; without slashes at its ends, `.` and `..`.
  func path(_ text: String) -> String {
    var parts = text.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for part in text.split(separator: "/") {
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  /// False when a file cannot be opened; the reason has been written.
  mutating func redirect(_ redirections: [Redirection], _ world: inout ShellWorld) -> Bool {
    for redirection in redirections {
      let target = expandText(redirection.target, &world)
      switch redirection.kind {
      case .here:
        (streams.input, streams.isCut, streams.device) = (target.hasSuffix("\n") ? target : target + "\n", false, nil)
      case .read where target == "/dev/stdin": break
      case .read:
        let device = Device(path: path(target))
        do throws(ShellWorld.Failure) {
          if let device {
            streams.input = device.text(device.piece, &world.random)
          } else {
            streams.input = try world.read(path(target))
          }
          (streams.isCut, streams.device) = (device != nil && device != .null, device)
        } catch {
          status = fail("\(name): can't open \(target): \(error.text)", &world)
          return false
        }
      case .duplicate:
        if redirection.descriptor == 2, target == "1" { streams.error = streams.out }
        if redirection.descriptor == 1, target == "2" { streams.out = streams.error }
      case .write, .append:
        guard let sink = open(target, appends: redirection.kind == .append, &world) else { return false }
        if redirection.descriptor != 2 { streams.out = sink }
        if redirection.descriptor != 1 { streams.error = sink }
      }
    }
    return true
  }

  private mutating func open(_ target: String, appends: Bool, _ world: inout ShellWorld) -> Streams.Sink? {
    switch target {
    case "/dev/null": return .nowhere
    case "/dev/stdout", "/proc/1/fd/1", "/proc/self/fd/1": return streams.out
    case "/dev/stderr", "/proc/1/fd/2", "/proc/self/fd/2": return streams.error
    default: break
    }
    do throws(ShellWorld.Failure) {
      try world.write(path(target), "", appends: appends)
      return .file(path(target))
    } catch {
      status = fail("\(name): can't create \(target): \(error.text)", &world)
      return nil
    }
  }
}
