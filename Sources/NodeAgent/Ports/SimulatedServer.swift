import JSONCore
import Objects
import Values

/// The program of a simulated container as a client over the network meets it: where it listens, and what it says.
struct SimulatedServer {
  let request: ContainerRequest
  /// Its files.
  let world: ShellWorld
  /// Who asks.
  var client = "10.244.0.1"
  /// Where it notes what it was asked.
  var log: ContainerLog?
  /// How many servers have passed the request on.
  var depth = 0

  private var image: String { request.container.image }
  private var annotations: Annotations { Annotations(request.pod, container: request.container.name) }
  private var known: ImageAnswers.Answer? { ImageAnswers.answer(image) }

  /// The ports that are declared, those of the image (or that its arguments put in their place), those of the annotation.
  var ports: [Int] { ports(.tcp) }

  func listens(on port: Int, _ transport: Transport) -> Bool { ports(transport).contains(port) }

  private func ports(_ transport: Transport) -> [Int] {
    let declared = request.container.ports.filter { $0.transport == transport }.compactMap(\.number)
    let wanted = (annotations["listen"] ?? "").split { $0 == "," || $0 == " " }.compactMap { Int($0) }
    if let words = agnhostWords, let known = agnhostPorts(words, transport) {
      return known + (transport == .tcp ? wanted : [])
    }
    if transport == .udp { return declared }
    let named = Self.portsNamed(in: request.words)
    let usual = known?.ports ?? WellKnownImages.profile(image).ports
    // A shell or a script in the image's place does not serve what the image would.
    let isOwn = request.container.command.isEmpty
    return declared + wanted + (named.isEmpty ? isOwn ? usual : [] : named)
  }

  /// `--port=8080`, `--http-port 8080`, `-listen=:5678`
  static func portsNamed(in words: [String]) -> [Int] {
    var ports: [Int] = []
    for (index, word) in words.enumerated() where word.hasPrefix("-") {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let name = parts[0].drop { $0 == "-" }
      guard ["port", "http-port", "listen", "tcp-port"].contains(String(name)) else { continue }
      let value = parts.count > 1 ? parts[1] : words[safelyAt: index + 1] ?? ""
      if let port = value.split(separator: ":").last.flatMap({ Int($0) }) { ports.append(port) }
    }
    return ports
  }

  /// How it speaks; nil when it is not HTTP but something that a stranger gets no answer from.
  var manner: ImageAnswers.Manner {
    if annotations["response"] != nil || annotations["response-code"] != nil { return .text("") }
    let isOwn = request.container.command.isEmpty || agnhostWords != nil
    return isOwn ? known?.manner ?? .echo : .echo
  }

  var speaksHTTP: Bool { ![.redis, .silent].contains(manner) }

  /// How long it takes to answer: as the annotation says, else as its image is known for.
  func delay(of asked: PortRequest) -> Duration {
    annotations.time("response-seconds") ?? webhook?.delay(asked) ?? known?.time ?? .zero
  }

  /// The subcommand of agnhost that answers the API server.
  var webhook: WebhookProgram? { known?.manner == .agnhost ? WebhookProgram(request.words) : nil }

  // MARK: HTTP

  func answer(_ asked: PortRequest, port: Int) -> PortResponse {
    if annotations["response"] != nil || annotations["response-code"] != nil { return annotated(asked) }
    switch manner {
    case .pages(let title): return page(asked, title)
    case .text(let text): return Self.plain(filled(text, asked))
    case .echo: return Self.plain(echo(asked, port))
    case .agnhost: return agnhost(asked, port: port)
    case .argument:
      let words = request.words
      let named = words.first { $0.hasPrefix("-text=") || $0.hasPrefix("--text=") }
      let text = named.map { String($0.drop { $0 != "=" }.dropFirst()) }
      return Self.plain((text ?? words.firstIndex(of: "-text").flatMap { words[safelyAt: $0 + 1] } ?? "") + "\n")
    case .nothing: return Self.plain("404 page not found\n", status: 404)
    case .redis, .silent: return Self.plain("", status: 400)
    }
  }

  static func plain(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> PortResponse {
    PortResponse(status: status, headers: [PortHeader("content-type", type)], body: RawText.bytes(text))
  }

  private func filled(_ text: String, _ asked: PortRequest) -> String {
    text.replacing("%h", with: world.hostname).replacing("%i", with: request.surroundings.address)
      .replacing("%p", with: asked.target)
  }

  private func annotated(_ asked: PortRequest) -> PortResponse {
    let text = filled(annotations["response"] ?? "", asked)
    let code = annotations.int("response-code") ?? 200
    let usual = text.hasPrefix("{") || text.hasPrefix("[") ? "application/json" : "text/plain; charset=utf-8"
    let isValid = (200...599).contains(code)
    return Self.plain(
      text.isEmpty || text.hasSuffix("\n") ? text : text + "\n", status: isValid ? code : 200,
      type: annotations["response-type"] ?? (text.hasPrefix("<") ? "text/html" : usual))
  }

  private func echo(_ asked: PortRequest, _ port: Int) -> String {
    var lines = [
      "Hostname: \(world.hostname)", "IP: \(request.surroundings.address)", "Port: \(port)", "Image: \(image)",
      "\(asked.method) \(asked.target) HTTP/1.1",
    ]
    lines += asked.headers.map { "\($0.name): \($0.value)" }
    if !asked.body.isEmpty { lines += ["", RawText.text(asked.body)] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func page(_ asked: PortRequest, _ title: String) -> PortResponse {
    guard asked.method == "GET" || asked.method == "HEAD" else {
      return Self.plain(ImageAnswers.page(title: "405 Not Allowed"), status: 405, type: "text/html")
    }
    let root = WellKnownImages.profile(image).pages?.root ?? "usr/share/nginx/html"
    let path = asked.target.prefix { $0 != "?" }
    let file = path.split(separator: "/").filter { $0 != ".." }.joined(separator: "/")
    var place = file.isEmpty ? root : root + "/" + file
    if world.isDirectory(place), !file.isEmpty, !path.hasSuffix("/") {
      return PortResponse(status: 301, headers: [PortHeader("location", path + "/")])
    }
    if world.isDirectory(place) { place += "/index.html" }
    if let text = try? world.read(place) { return Self.plain(text, type: Self.type(of: place)) }
    let refusal = file.isEmpty || path.hasSuffix("/") && world.isDirectory(root + "/" + file)
    let status = refusal ? 403 : 404
    return Self.plain(
      ImageAnswers.page(title: refusal ? "403 Forbidden" : "404 Not Found"), status: status, type: "text/html")
  }

  private static func type(of path: String) -> String {
    let types = [
      "html": "text/html", "css": "text/css", "js": "application/javascript", "json": "application/json",
      "svg": "image/svg+xml", "txt": "text/plain",
    ]
    return types[path.split(separator: ".").last.map(String.init) ?? ""] ?? "application/octet-stream"
  }
}
