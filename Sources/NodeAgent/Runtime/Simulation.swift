import JSONCore
import Objects
import Values

/// How a simulated container behaves: what the pod's annotations say, else what its command does, else what one would
/// expect of its image.
///
/// Annotations stand on the pod, with the prefix `sim.swiftlet.dev/`; `sim.swiftlet.dev/<container>.<key>` is for one
/// container only. Those marked * are looked at again whenever they change.
///
/// | key | meaning |
/// |---|---|
/// | `run-seconds` | the container ends by itself after this time |
/// | `exit-code` | with this code (0); alone it means that the container ends at once |
/// | `oom-after-seconds` | the container is killed for lack of memory after this time |
/// | `start-error` | the container cannot be started, with this message |
/// | `pull-seconds` | the image takes this long to pull |
/// | `pull-error` | the image cannot be pulled, with this message; `none`: it can, whatever its name |
/// | `startup`*, `liveness`*, `readiness`* | `fail` or `succeed`: what the probe finds; `fail: message` says why |
/// | `ready-after-seconds`* | readiness (and startup) fail until then |
/// | `unready-after-seconds`* | readiness fails from then on |
/// | `unhealthy-after-seconds`* | liveness fails from then on |
/// | `response-seconds`* | how long probes over the network wait for an answer |
/// | `stop-seconds` | how long the container takes to end when it is asked to |
/// | `log` | lines that it writes at its start |
/// | `log-every-seconds` | repeats the lines of `log` at this interval |
/// | `cpu`*, `memory`* | what it uses: `SimulatedUsage`; more memory than its limit gets it killed |
///
/// Without any of them: commands that the shell understands do what they say; containers of Jobs run for a second and
/// succeed, init containers succeed at once, and all others run until they are stopped.
public struct Simulation: Sendable {
  /// How long a container takes that does nothing, and one whose memory does not suffice.
  static let moment = Duration.milliseconds(10)
  static let memoryTime = Duration.seconds(1)

  /// How long it runs; nil: until it is stopped, or as its program says.
  public var runs: Duration?
  public var exitCode = 0
  public var exitReason = ""
  public var startError: String?
  /// How long it takes to end when it is asked to; nil: as its program does.
  public var stop: Duration?
  public var log: [String] = []
  /// That is what its image is known for.
  private var isLogUsual = false
  public var logEvery: Duration?
  /// What its command line asks for; nil for what is not understood.
  var program: Shell?

  public init(_ request: ContainerRequest) {
    let container = request.container
    let annotations = Annotations(request.pod, container: container.name)
    startError = annotations["start-error"]
    runAsUsual(request)
    if let code = annotations.int("exit-code") {
      (exitCode, runs) = (code & 255, annotations.time("run-seconds") ?? Self.moment)
      program = nil
    } else if let time = annotations.time("run-seconds") {
      (exitCode, runs) = (0, time)
      program = nil
    }
    if let time = annotations.time("oom-after-seconds") ?? Self.memoryShortage(request.pod, container) {
      (runs, exitCode, exitReason) = (time, 137, "OOMKilled")
    }
    stop = annotations.time("stop-seconds")
    if let lines = annotations["log"] {
      isLogUsual = false
      log = lines.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    logEvery = annotations.time("log-every-seconds").map { max($0, .milliseconds(10)) }
  }

  /// When a container is killed that uses more memory than it may; nil when it does not.
  static func memoryShortage(_ pod: PodSpecification, _ container: PodSpecification.Container) -> Duration? {
    let annotations = Annotations(pod, container: container.name)
    guard let limit = Quantity(container.resources.at("limits", "memory")),
      annotations["memory"] != nil || StressLoad(container) != nil
    else { return nil }
    return UsageWishes(annotations, container.resources, StressLoad(container)).usage(extra: .zero).memory > limit
      ? memoryTime : nil
  }

  /// What it writes at its start.
  func log(at start: Instant) -> [String] {
    isLogUsual ? log.map { $0.contains("%t") ? $0.replacing("%t", with: start.rfc3339Micro) : $0 } : log
  }

  // MARK: Without annotations

  private mutating func runAsUsual(_ request: ContainerRequest) {
    let container = request.container
    let task = Self.usualTime(request.pod, container)
    let profile = WellKnownImages.profile(container.image)
    var words = request.words
    // The image's own program, of which there are only the options.
    if words.first?.hasPrefix("-") == true, StressLoad(container)?.isMain == true { words.insert("stress", at: 0) }
    if container.command.isEmpty, ImageReference(container.image).short == "agnhost",
      Agnhost.programs[words.first ?? "pause"] != nil
    {
      words = ["/agnhost"] + (words.isEmpty ? ["pause"] : words)
    }
    let isCommand = !container.command.isEmpty
    if !words.isEmpty {
      let choice = SimulatedProgram(words, isCommand: isCommand, request, task: task)
      startError = startError ?? choice.startError
      program = choice.shell
      if program != nil || isCommand {
        runs = task
        if program == nil, task != nil { log = ["(\(words[0]) is not simulated; taken as done)"] }
        return
      }
    }
    let hostname = request.surroundings.hostname
    let user = String(request.surroundings.user.id)
    log = profile.log.map { line in
      line.contains("%") ? line.replacing("%h", with: hostname).replacing("%u", with: user) : line
    }
    isLogUsual = true
    runs = task
    if profile.kind == .task || profile.kind == .shell && words.isEmpty && !container.hasInput && !container.hasTerminal
    {
      runs = Self.moment
    }
  }

  /// How long a container takes whose work is not understood but which is there to end: nil for all others.
  private static func usualTime(_ pod: PodSpecification, _ container: PodSpecification.Container) -> Duration? {
    if container.role == .initial { return moment }
    if container.role != .regular { return nil }
    let words = container.command + container.arguments
    let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
    let isOneLiner = ShellCommands.isInterpreter(program) && ShellCommands.oneLiner(Array(words.dropFirst())) != nil
    return pod.isTask || (isOneLiner && pod.restartPolicy != "Always") ? .seconds(1) : nil
  }
}

/// What becomes of a command line.
struct SimulatedProgram {
  private static let shells: Set<String> = ["sh", "bash", "ash", "dash"]

  /// nil: it is not understood, and behaves as one expects of its image.
  private(set) var shell: Shell?
  private(set) var startError: String?

  init(_ words: [String], isCommand: Bool, _ request: ContainerRequest, task: Duration?) {
    let first = words.first ?? ""
    let program = first.split(separator: "/").last.map(String.init) ?? first
    let image = ShellImage(image: request.container.image)
    let mounts = request.surroundings.mounts
    let isMounted = first.hasPrefix("/") && mounts.contains { first.dropFirst().hasPrefix($0.path + "/") }
    // Only of an image that has nothing but a shell it is known what it lacks.
    if let image, isCommand, !isMounted, !first.contains("/"), image.lacks(program) || !ShellCommands.isKnown(program) {
      startError = Self.notFound(first)
      return
    }
    if ShellCommands.all[program] == nil, !isMounted { return }
    // A script of an interpreter is a server like any other.
    if ShellCommands.isInterpreter(program), ShellCommands.oneLiner(Array(words.dropFirst())) == nil { return }
    if Self.shells.contains(program), image == nil, !Self.isUnderstood(words) { return }
    let strangers: Shell.Strangers =
      image.map { .missing(from: $0) } ?? task.map { .finish(after: $0) } ?? .serve
    shell = Shell(
      words: words, request.surroundings.environment.all, strangers, folder: request.container.folder)
    shell?.lacked = ImagePrograms.lacked(request.container.image)
  }

  /// A program that cannot be parsed may be in a dialect that is not ours: it is not to fail for that.
  private static func isUnderstood(_ words: [String]) -> Bool {
    guard let option = words.firstIndex(where: { $0.hasPrefix("-") && $0.hasSuffix("c") }),
      let text = words[safelyAt: option + 1]
    else { return true }
    return (try? ShellParser.parse(text)) != nil
  }

  static func notFound(_ word: String) -> String {
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable "
      + "to start container process: error during container init: exec: \"\(word)\": executable file not found in $PATH"
      + ": unknown"
  }
}

extension Shell {
  /// A process that was started with these words, without a shell between.
  init(words: [String], _ environment: [String: String], _ strangers: Strangers, folder: String = "") {
    self.init(environment: environment, strangers: strangers, folder: folder)
    let command = SimpleCommand(words: words.map { ShellWord(parts: [.text($0, isQuoted: true)]) })
    frames = [.run(.simple(command))]
  }
}
