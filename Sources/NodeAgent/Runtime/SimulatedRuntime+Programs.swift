import EventLoops
import JSONCore
import Values

/// The programs in containers: the main ones, and those that are run beside them.
extension SimulatedRuntime {
  /// How often a program may wait in the past, which it does when the agent was away while it ran: as far back as its log
  /// goes. What is older is skipped.
  private static let catchUpLimit = 2000
  /// How often it may before it is the turn of others.
  private static let slice = 50

  /// Lets a container's program run up to its next wait.
  /// - Parameter passed: how often it has waited in the past already.
  func advance(_ id: String, from start: Instant, passed: Int = 0) {
    guard let container = state.value.containers[id], var process = container.process else { return }
    container.process = nil
    var world = enter(id, at: start)
    var waits = passed
    var outcome = ShellProcess.Effect.idle
    running: while true {
      outcome = process.next(&world)
      switch outcome {
      case .line(let text): container.log.write(LogLine(time: world.now, text: text))
      case .output(let text, _): show(text, of: id, at: world.now)
      case .wait(let moment) where moment <= clock.now && waits < min(passed + Self.slice, Self.catchUpLimit):
        world.now = moment
        waits += 1
      default: break running
      }
    }
    let hostname = world.hostname
    leave(id, world)
    container.process = process
    settleAttached(id)
    if let prompt = state.value.consoles[id]?.prompt(of: process, hostname: hostname) {
      show(prompt, of: id, at: clock.now)
    }
    switch outcome {
    case .wait(let moment) where moment <= clock.now && waits < Self.catchUpLimit:
      loop.run { [self, waits] in advance(id, from: moment, passed: waits) }
    case .wait(let moment):
      container.programTimer?.cancel()
      container.programTimer = clock.schedule(at: max(moment, clock.now), on: loop) { [weak self] in
        guard let self else { return }
        advance(id, from: clock.now)
      }
    case .exit(let code): end(id, code, "")
    case .line, .output, .idle: break
    }
  }

  public func execute(_ id: String, _ words: [String], timeout: Duration) async -> Execution {
    let (execution, time) = await withCheckedContinuation { continuation in
      loop.run { [self] in continuation.resume(returning: run(words, in: id, timeout: timeout)) }
    }
    if time > .zero { await clock.sleep(for: time) }
    return execution
  }

  /// How a program goes, and how long it takes.
  private func run(_ words: [String], in id: String, timeout: Duration) -> (Execution, Duration) {
    guard let container = state.value.containers[id] else {
      return (Execution(code: 126, output: "container not found"), .zero)
    }
    let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
    if let image = ShellImage(image: container.request.container.image),
      image.lacks(program) && container.root?.exists("usr/bin/" + program) != true || !ShellCommands.isKnown(program)
    {
      return (Execution(code: 127, output: "exec: \"\(program)\": executable file not found in $PATH"), .zero)
    }
    // What is not understood is taken to do its work and be content.
    var shell = Shell(words: words, container.request.surroundings.environment.all, .finish(after: .zero))
    let start = clock.now
    shell.lacked = ImagePrograms.lacked(container.request.container.image)
    shell.number = Self.firstSessionProcess
    var process = ShellProcess(shell, at: start)
    var world = enter(id, at: start, isBeside: true)
    defer { leave(id, world) }
    var lines: [String] = []
    while true {
      switch process.next(&world) {
      case .line(let text), .output(let text, _): lines.append(text)
      case .exit(let code): return (Execution(code: code, output: lines.joined(separator: "\n")), world.now - start)
      case .wait(let moment) where moment - start <= timeout: world.now = moment
      case .wait, .idle:
        return (Execution(code: 137, output: lines.joined(separator: "\n"), isLate: true), timeout)
      }
    }
  }

  // MARK: The world of a container

  /// What a process in the container finds; its files are taken out of the state, and put back by `leave`.
  /// - Parameter isBeside: it is not the container's first.
  func enter(_ id: String, at now: Instant, isBeside: Bool = false) -> ShellWorld {
    let container = state.value.containers[id]
    let surroundings = container?.request.surroundings ?? Surroundings()
    var world = ShellWorld(now: now, hostname: surroundings.hostname, network: surroundings.network)
    world.mounts = surroundings.mounts
    if let own = container?.request.container {
      world.main = MainProgram(
        image: own.image, command: own.command, arguments: own.arguments, settings: surroundings.settings)
    }
    if let container, isBeside || container.looksAtSystem {
      world.mounts += SystemFiles(request: container.request).mounts
      if isBeside { world.container = container.request }
    }
    world.user = surroundings.user
    world.isRootReadOnly = surroundings.isRootReadOnly
    world.peers = { [weak self] in self?.peer($0) }
    world.start = container?.startedAt ?? now
    world.hasOwnFiles = container?.root != nil
    world.root = container.map { $0.root ?? usualFiles($0.request) } ?? FileTree()
    world.volumes = state.value.volumes
    world.room = state.value.room
    world.random = state.value.random
    container?.root = nil
    state.value.volumes = VolumeFiles()
    return world
  }

  /// A running container, for those who ask it something. Only for use on the runtime's loop, as worlds are.
  private func peer(_ id: String) -> RunningPeer? {
    guard let container = state.value.containers[id] else { return nil }
    return RunningPeer(
      request: container.request, root: container.root ?? usualFiles(container.request), log: container.log)
  }

  func leave(_ id: String, _ world: ShellWorld) {
    state.value.containers[id]?.root = world.hasOwnFiles ? world.root : nil
    state.value.volumes = world.volumes
    state.value.random = world.random
    if state.value.room != world.room { settleRoom(world.room) }
    noteChanges()
    for signal in world.signals where signal.process == 1 { loop.run { [self] in self.signal(id, signal.name) } }
  }

  /// What a container has before its program has written anything.
  func usualFiles(_ request: ContainerRequest) -> FileTree {
    let surroundings = request.surroundings
    var files = FileTree([
      "etc/hostname": surroundings.hostname + "\n",
      "etc/hosts": surroundings.hosts.isEmpty
        ? PodSystemFiles.usualHosts(surroundings.hostname, surroundings.address) : surroundings.hosts,
      "etc/resolv.conf": surroundings.resolver.isEmpty
        ? PodSystemFiles.usualResolver(request.pod.key.namespace) : surroundings.resolver,
      "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
      "etc/group": "root:x:0:\nnobody:x:65534:\n",
    ])
    if let release = ImageFiles.release(request.container.image) { files.write("etc/os-release", release) }
    for (path, text) in ImageFiles.files(request.container.image) {
      // The folder stays when its only file is moved away.
      files.makeDirectory(path.split(separator: "/").dropLast().joined(separator: "/"))
      files.write(path, text)
    }
    // Whoever the process runs as, it may say how it ended.
    files.write(request.container.messageFile, "", mode: 0o666)
    return files
  }

  /// The message of a container's end: what it left in its file for that, or its last lines when it is to be so.
  func lastWords(_ container: SimulatedContainer, _ code: Int) -> String {
    if let text = container.root?.text(container.request.container.messageFile), !text.isEmpty {
      return String(text.prefix(4096))
    }
    guard container.request.container.messageIsLog, code != 0 else { return "" }
    let lines = container.log.lines.suffix(80).map(\.text).joined(separator: "\n")
    return String((lines.isEmpty || container.process?.hasOpenEnd == true ? lines : lines + "\n").suffix(2048))
  }
}
