import JSONCore
import Reconciling
import Values

/// Where a container of a pod is in its life.
public struct ContainerState: Sendable {
  public enum Phase: Sendable, Equatable {
    /// Not running (yet, or again).
    case waiting(reason: String, message: String)
    case running(since: Instant)
    case terminated(Exit)
  }

  public var phase: Phase = .waiting(reason: "ContainerCreating", message: "")
  public var lastExit: Exit?
  public var restartCount = 0
  public var image = ""
  public var imageID = ""
  public var containerID = ""
  /// The startup probe has succeeded, or there is none.
  public var isStarted = false
  public var isReady = false
  /// An image, a start or the end of a delay is under way.
  public var isLaunching = false
  /// The runtime has been asked to start it and has not answered.
  public var isStarting = false
  public var isStopping = false
  /// Ends that count for the restart delay.
  public var crashes = 0
  public var pullFailures = 0
  public var probes = ProbeStreaks()
  /// Probes whose answer cannot change by itself, so that nobody asks any more.
  var settledProbes: [ProbeKind] = []
  /// What follows its start is under way, and so it does not show as running yet.
  var isHooking = false
  /// Its end, when that was heard of before its start.
  var earlyExit: Exit?
  /// What it may use now, and what the node has set aside for it.
  var resources: JSON?
  var allocated: JSON?
  /// It is stopped only to be started with other resources, or another image.
  var restartsOnPurpose = false

  public var isRunning: Bool { if case .running = phase { true } else { false } }

  public var exit: Exit? { if case .terminated(let exit) = phase { exit } else { nil } }

  /// It has never run.
  public var isUntouched: Bool { if case .waiting = phase { lastExit == nil } else { false } }

  /// The element of `containerStatuses`.
  /// - Parameter stored: the container as the pod's object has it.
  func json(_ container: PodSpecification.Container, _ stored: JSON?) -> JSON {
    var result: JSON = [
      "name": .string(container.name), "image": .string(image.isEmpty ? container.image : image),
      "imageID": .string(imageID), "ready": .bool(isReady), "restartCount": JSON(restartCount),
      "started": .bool(isStarted), "lastState": .emptyObject,
    ]
    if !containerID.isEmpty { result["containerID"] = .string(containerID) }
    switch phase {
    case .waiting(let reason, let message):
      var waiting: JSON = ["reason": .string(reason)]
      if !message.isEmpty { waiting["message"] = .string(message) }
      result["state"] = ["waiting": waiting]
    case .running where isHooking: result["state"] = ["waiting": ["reason": "ContainerCreating"]]
    case .running(let since): result["state"] = ["running": ["startedAt": .string(since.rfc3339)]]
    case .terminated(let exit): result["state"] = ["terminated": exit.json]
    }
    if let lastExit { result["lastState"] = ["terminated": lastExit.json] }
    let resources = self.resources ?? container.resources
    if resources.object?.isEmpty == false {
      result["resources"] = resources
      if let requests = allocated ?? resources["requests"] { result["allocatedResources"] = requests }
    }
    let mounts = (stored?.list("volumeMounts") ?? []).map { mount in
      var entry: JSON = ["name": .string(mount.text("name")), "mountPath": .string(mount.text("mountPath"))]
      if mount["readOnly"]?.bool == true {
        entry["readOnly"] = true
        entry["recursiveReadOnly"] = "Disabled"
      }
      return entry
    }
    if !mounts.isEmpty { result["volumeMounts"] = .array(mounts) }
    return result
  }

  /// What a stored status says of a container, to go on from there.
  init(resuming json: JSON) {
    restartCount = json["restartCount"]?.int ?? 0
    image = json.text("image")
    imageID = json.text("imageID")
    containerID = json.text("containerID")
    isStarted = json["started"]?.bool ?? false
    isReady = json["ready"]?.bool ?? false
    lastExit = json.at("lastState", "terminated").flatMap(Exit.init(json:))
    crashes = restartCount
    resources = json["resources"]
    allocated = json["allocatedResources"]
    if let since = json.at("state", "running").flatMap({ Instant(rfc3339: $0.text("startedAt")) }) {
      phase = .running(since: since)
    } else if let exit = json.at("state", "terminated").flatMap(Exit.init(json:)) {
      phase = .terminated(exit)
    }
  }

  init() {}
}

extension Exit {
  var json: JSON {
    var result: JSON = [
      "exitCode": JSON(code), "reason": .string(reason), "startedAt": .string(startedAt.rfc3339),
      "finishedAt": .string(finishedAt.rfc3339),
    ]
    if !message.isEmpty { result["message"] = .string(message) }
    if !containerID.isEmpty { result["containerID"] = .string(containerID) }
    return result
  }

  convenience init?(json: JSON) {
    guard let code = json["exitCode"]?.int else { return nil }
    self.init(
      code: code, reason: json.text("reason"), message: json.text("message"),
      startedAt: Instant(rfc3339: json.text("startedAt")) ?? .epoch,
      finishedAt: Instant(rfc3339: json.text("finishedAt")) ?? .epoch, containerID: json.text("containerID"))
  }
}
