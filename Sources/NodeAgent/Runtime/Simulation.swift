import JSONCore
import Objects
import Values

/// How a simulated container behaves: what its annotations say, else what its command obviously does, else what one would
/// expect of it.
///
/// Annotations stand on the pod, with the prefix `sim.swiftlet.dev/`; `sim.swiftlet.dev/<container>.<key>` is for one
/// container only.
///
/// | key | meaning |
/// |---|---|
/// | `run-seconds` | the container ends by itself after this time |
/// | `exit-code` | with this code (0); alone it means that the container ends at once |
/// | `oom-after-seconds` | the container is killed for lack of memory after this time |
/// | `start-error` | the container cannot be started, with this message |
/// | `pull-seconds` | the image takes this long to pull |
/// | `pull-error` | the image cannot be pulled, with this message |
/// | `ready-after-seconds` | readiness (and startup) fail until then |
/// | `unready-after-seconds` | readiness fails from then on |
/// | `unhealthy-after-seconds` | liveness fails from then on |
/// | `stop-seconds` | how long the container takes to end when it is asked to |
/// | `log` | lines that it writes at its start |
/// | `log-every-seconds` | repeats the lines of `log` at this interval |
///
/// Without any of them: containers of Jobs run for a second and succeed, init containers succeed at once, all others run
/// until they are stopped.
public struct Simulation: Sendable {
  static let prefix = "sim.swiftlet.dev/"

  public var runs: Duration?
  public var exitCode = 0
  public var exitReason = ""
  public var startError: String?
  public var pullError: String?
  public var pull: Duration?
  public var readyAfter: Duration = .zero
  public var unreadyAfter: Duration?
  public var unhealthyAfter: Duration?
  public var stop: Duration = .zero
  /// Lines, and when after the start they are written.
  public var log: [(after: Duration, text: String)] = []
  public var logEvery: Duration?

  public init(_ request: ContainerRequest) {
    let pod = request.pod.json
    let container = request.container
    let annotations = pod["metadata"]?.strings("annotations") ?? [:]
    func text(_ key: String) -> String? {
      annotations["\(Self.prefix)\(container.name).\(key)"] ?? annotations[Self.prefix + key]
    }
    func time(_ key: String) -> Duration? {
      guard let seconds = text(key).flatMap({ Double($0) }), !seconds.isNaN else { return nil }
      return .seconds(min(max(seconds, 0), 1e9))
    }

    let script = Script(container.json)
    runs = script?.runs ?? Self.usualRun(pod, container)
    exitCode = script?.exitCode ?? 0
    log = script?.log ?? WellKnownImages.log(container.image)
    stop = script?.stop ?? .zero

    if let code = text("exit-code").flatMap({ Int($0) }) {
      exitCode = code
      runs = time("run-seconds") ?? .milliseconds(10)
    } else if let time = time("run-seconds") {
      runs = time
    }
    if let time = time("oom-after-seconds") { (runs, exitCode, exitReason) = (time, 137, "OOMKilled") }
    startError = text("start-error")
    pullError = text("pull-error") ?? WellKnownImages.missing(container.image)
    pull = time("pull-seconds")
    readyAfter = time("ready-after-seconds") ?? .zero
    unreadyAfter = time("unready-after-seconds")
    unhealthyAfter = time("unhealthy-after-seconds")
    stop = time("stop-seconds") ?? stop
    if let lines = text("log") {
      log = lines.split(separator: "\n", omittingEmptySubsequences: false).map { (after: .zero, text: String($0)) }
    }
    logEvery = time("log-every-seconds").map { max($0, .milliseconds(10)) }
  }

  private static func usualRun(_ pod: JSON, _ container: PodSpecification.Container) -> Duration? {
    if container.role == .initial { return .milliseconds(10) }
    if container.role != .regular { return nil }
    let isJob = pod["metadata"]?.list("ownerReferences").contains { $0.text("kind") == "Job" } ?? false
    return isJob && pod["spec"]?.text("restartPolicy") != "Always" ? .seconds(1) : nil
  }

  /// What a probe finds out so long after the start.
  func probe(_ kind: ProbeKind, after age: Duration) -> ProbeOutcome {
    let failure = "HTTP probe failed with statuscode: 503"
    switch kind {
    case .liveness:
      guard let end = unhealthyAfter else { return ProbeOutcome(isSuccess: true, isFinal: true) }
      return ProbeOutcome(isSuccess: age < end, message: age < end ? "" : failure)
    case .startup, .readiness:
      if age < readyAfter { return ProbeOutcome(isSuccess: false, message: failure) }
      guard kind == .readiness, let end = unreadyAfter else { return ProbeOutcome(isSuccess: true, isFinal: true) }
      return ProbeOutcome(isSuccess: age < end, message: age < end ? "" : failure)
    }
  }
}
