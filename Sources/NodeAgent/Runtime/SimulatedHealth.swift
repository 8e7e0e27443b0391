import JSONCore
import Values

/// What a probe over the network, or none at all, finds out about a simulated container.
///
/// A container listens on the ports that it declares and on those that its image is known for (nginx: 80). When neither is
/// there, it listens everywhere, but for shells like busybox, which serve nothing. So a probe at a port that nobody listens
/// on fails as it would in earnest. Of files, nginx and httpd serve `/` and what is mounted into their folder of pages.
struct SimulatedHealth {
  let request: ContainerRequest
  /// How long it has run.
  let age: Duration
  /// What is in a container's files.
  let files: (_ path: String) -> Bool

  private var annotations: Annotations { Annotations(request.pod, container: request.container.name) }

  /// What the annotations say, whatever kind of probe it is; nil when they leave it open.
  func wish(_ kind: ProbeKind) -> ProbeOutcome? {
    if let text = annotations[kind.annotation] {
      if text == "succeed" { return ProbeOutcome(isSuccess: true, isFinal: true) }
      if text.hasPrefix("fail") {
        let message = text.dropFirst(4).drop { $0 == ":" || $0 == " " }
        return .failure(message.isEmpty ? Self.unavailable : String(message))
      }
    }
    switch kind {
    case .liveness:
      return annotations.time("unhealthy-after-seconds").flatMap { age < $0 ? nil : .failure(Self.unavailable) }
    case .startup, .readiness:
      if let time = annotations.time("ready-after-seconds"), age < time { return .failure(Self.unavailable) }
      guard kind == .readiness, let end = annotations.time("unready-after-seconds") else { return nil }
      return age < end ? nil : .failure(Self.unavailable)
    }
  }

  private static let unavailable = "HTTP probe failed with statuscode: 503"

  /// Whether the answer may change with time alone.
  func isSettled(_ kind: ProbeKind) -> Bool {
    switch kind {
    case .liveness: annotations.time("unhealthy-after-seconds") == nil
    case .startup: true
    case .readiness: annotations.time("unready-after-seconds") == nil
    }
  }

  /// What a request over the network is answered with.
  func answer(_ handler: Probe.Handler, _ timeout: Duration, _ kind: ProbeKind) -> ProbeOutcome {
    let good = ProbeOutcome(isSuccess: true, isFinal: isSettled(kind))
    let address = request.surroundings.address
    switch handler {
    case .http(let path, let named, let scheme, _):
      guard let port = number(of: named) else { return .failure("unknown port") }
      let url = "\(scheme)://\(address):\(port)\(path.hasPrefix("/") ? path : "/" + path)"
      if !isListening(port) {
        return .failure("Get \"\(url)\": dial tcp \(address):\(port): connect: connection refused")
      }
      if let time = annotations.time("response-seconds"), time > timeout {
        return .failure("Get \"\(url)\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
      }
      let code = statusCode(path)
      // Files may come and go, and some servers are made to fail.
      if code < 400 {
        return ProbeOutcome(isSuccess: true, isFinal: good.isFinal && page(path) == nil && !isSickening)
      }
      return .failure("HTTP probe failed with statuscode: \(code)")
    case .tcp(let named):
      guard let port = number(of: named) else { return .failure("unknown port") }
      return isListening(port) ? good : .failure("dial tcp \(address):\(port): connect: connection refused")
    case .grpc(let named):
      guard let port = number(of: named) else { return .failure("unknown port") }
      if isListening(port) { return good }
      return .failure("service unreachable: dial tcp \(address):\(port): connect: connection refused")
    case .command: return good
    }
  }

  // MARK: Ports

  /// The number of a port that may be named.
  func number(of port: JSON) -> Int? {
    if let number = port.int { return number }
    guard let name = port.string else { return nil }
    return Int(name) ?? request.container.ports.first { $0.name == name }?.number
  }

  func isListening(_ port: Int) -> Bool {
    let profile = WellKnownImages.profile(request.container.image)
    let known = request.container.ports.compactMap(\.number) + profile.ports
    if known.isEmpty { return profile.kind == .server }
    return known.contains(port)
  }

  // MARK: Pages

  /// The server of the documentation's lesson on probes: it is well for ten seconds.
  private var isSickening: Bool {
    let name = ImageReference(request.container.image).short
    return name == "liveness" || name == "agnhost" && request.container.arguments.first == "liveness"
  }
  private static let wellTime = Duration.seconds(10)

  func statusCode(_ path: String) -> Int {
    if isSickening { return path.prefix { $0 != "?" } == "/healthz" && age > Self.wellTime ? 500 : 200 }
    guard let page = page(path) else { return 200 }
    return files(page.file) ? 200 : page.missing
  }

  /// The file that a path stands for, and the code when it is not there; nil where files do not matter.
  private func page(_ path: String) -> (file: String, missing: Int)? {
    guard let pages = WellKnownImages.profile(request.container.image).pages, request.container.command.isEmpty
    else { return nil }
    let mounts = request.surroundings.mounts
    if mounts.contains(where: { $0.path.hasPrefix(pages.configuration) }) { return nil }
    let file = path.prefix { $0 != "?" }.split(separator: "/").joined(separator: "/")
    // The welcome page of an image is taken to stay, so that it need not be asked for again and again.
    if file.isEmpty, !mounts.contains(where: { $0.path == pages.root }) { return nil }
    return file.isEmpty ? (pages.root + "/index.html", 403) : ("\(pages.root)/\(file)", 404)
  }
}

extension ProbeKind {
  /// The key of the annotation that says what it finds.
  var annotation: String {
    switch self {
    case .startup: "startup"
    case .liveness: "liveness"
    case .readiness: "readiness"
    }
  }
}

extension ProbeOutcome {
  static func failure(_ message: String) -> ProbeOutcome { ProbeOutcome(isSuccess: false, message: message) }
}
