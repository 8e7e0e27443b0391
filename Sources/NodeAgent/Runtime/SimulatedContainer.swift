import EventLoops
import Values

/// A simulated container that runs, on the runtime's loop.
final class SimulatedContainer {
  let id: String
  var request: ContainerRequest
  /// How long it takes to end when it is asked to; nil: as its program does.
  let stopTime: Duration?
  let startedAt: Instant
  let listener: ContainerRuntime.Listener
  let log: ContainerLog
  /// Its program may read what the kernel says; all others can do without.
  let looksAtSystem: Bool
  /// Its own files; nil as long as they are those that every container begins with.
  var root: FileTree?
  var process: ShellProcess?
  var timers: [any ScheduledTimer] = []
  var logTimer: (any ScheduledTimer)?
  /// When its program goes on.
  var programTimer: (any ScheduledTimer)?

  init(
    _ id: String, _ request: ContainerRequest, stopTime: Duration?, startedAt: Instant, log: ContainerLog,
    listener: @escaping ContainerRuntime.Listener
  ) {
    self.id = id
    self.request = request
    self.stopTime = stopTime
    self.startedAt = startedAt
    self.log = log
    looksAtSystem = (request.container.command + request.container.arguments).contains {
      $0.contains("/proc") || $0.contains("/sys/")
    }
    self.listener = listener
  }
}
