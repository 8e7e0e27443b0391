import EventLoops
import JSONCore
import Objects
import Synchronization
import Testing
import Values

@testable import NodeAgent

/// What simulated servers say, and programs that others run in simulated containers.
@Suite struct PortTests {
  static func server(_ container: JSON, annotations: JSON = [:], files: [String: String] = [:]) -> SimulatedServer {
    var world = ShellWorld(now: .epoch, hostname: "web-0", network: NoNetwork())
    let own = ImageFiles.files(container["image"]?.string ?? "")
    for (path, text) in own.merging(files, uniquingKeysWith: { $1 }) { world.root.write(path, text) }
    var request = RuntimeTests.request(container, annotations: annotations)
    request.surroundings.hostname = "web-0"
    return SimulatedServer(request: request, world: world)
  }

  @Test(
    arguments: [
      (["image": "nginx"], [80]), (["image": "example/app"], []), (["image": "nginx", "command": ["sleep", "1"]], []),
      (["image": "example/app", "ports": [["containerPort": 8080]]], [8080]),
      (["image": "hashicorp/http-echo", "args": ["-listen=:9000", "-text=hi"]], [9000]),
      (["image": "agnhost", "args": ["netexec", "--http-port", "7000"]], [7000]),
    ] as [(JSON, [Int])])
  func listens(_ container: JSON, _ ports: [Int]) { #expect(Self.server(container).ports == ports) }

  @Test func annotationsSayIt() {
    let server = Self.server(
      ["image": "example/app"],
      annotations: [
        "sim.swiftlet.dev/listen": "81,82", "sim.swiftlet.dev/response": "{\"at\": \"%h%p\"}",
        "sim.swiftlet.dev/response-code": "503",
      ])
    #expect(server.ports == [81, 82])
    let answer = server.answer(PortRequest(target: "/x"), port: 81)
    #expect(answer.status == 503 && answer.headers == [PortHeader("content-type", "application/json")])
    #expect(String(decoding: answer.body, as: UTF8.self) == "{\"at\": \"web-0/x\"}\n")
  }

  @Test func pages() {
    let files = ["usr/share/nginx/html/a/index.html": "deep", "usr/share/nginx/html/b.css": "c"]
    let server = Self.server(["image": "nginx"], files: files)
    func ask(_ target: String, _ method: String = "GET") -> (Int, String) {
      let answer = server.answer(PortRequest(method: method, target: target), port: 80)
      return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
    #expect(ask("/").1.contains("Welcome to nginx!") && ask("/").0 == 200)
    #expect(ask("/a/") == (200, "deep") && ask("/a").0 == 301 && ask("/b.css?x").0 == 200)
    #expect(ask("/nope").0 == 404 && ask("/../../../etc/passwd").0 == 404 && ask("/", "POST").0 == 405)
  }

  @Test func conversations() {
    var http = PortConversation(.echo)
    let answer = { (request: PortRequest) in
      SimulatedServer.plain("\(request.method) \(request.target) \(request.body)")
    }
    #expect(http.receive(Array("GET /a HTTP/1.1\r\nHo".utf8), answer).reply.isEmpty)
    let first = http.receive(Array("st: x\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nA".utf8), answer)
    #expect(String(decoding: first.reply, as: UTF8.self).hasSuffix("GET /a []") && !first.isOver)
    let chunked = "BPUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nC\r\n0\r\n\r\n"
    let second = http.receive(Array(chunked.utf8), answer)
    let text = String(decoding: second.reply, as: UTF8.self)
    #expect(text.contains("POST / [65, 66]") && text.hasSuffix("PUT / [67]") && second.isOver)
    for broken in [
      "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "\r\n\r\n\r\n",
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n7fffffffffffffff\r\n",
    ] {
      var conversation = PortConversation(.echo)
      #expect(conversation.receive(Array(broken.utf8), answer).isOver)
    }
    var redis = PortConversation(.redis)
    #expect(redis.receive(Array("*1\r\n$4\r\nPING\r\nping\r\n".utf8), answer).reply == Array("+PONG\r\n+PONG\r\n".utf8))
  }

  @Test(
    arguments: [
      (["sh"], "nginx", true), (["bash"], "nginx", true), (["bash"], "busybox", false),
      (["bash"], "nginx:1.27-alpine", false), (["nginx", "-t"], "nginx", true), (["foo"], "nginx", false),
      (["sh"], "registry.k8s.io/pause:3.10", false), (["/bin/sh"], "gcr.io/distroless/static", false),
      (["/app"], "example/app", true), ([], "nginx", false),
    ] as [([String], String, Bool)])
  func programsOfImages(_ words: [String], _ image: String, _ isThere: Bool) {
    #expect((ImagePrograms.failure(words, image: image, main: ["/app"]) == nil) == isThere)
  }

  // MARK: Sessions

  final class Listener: StreamListener {
    let heard = Mutex("")
    let end = Mutex<StreamEnd?>(nil)
    let isReady = Mutex(true)

    func receive(_ output: StreamOutput) -> Bool {
      heard.withLock { heard in
        switch output {
        case .output(let bytes): heard += String(decoding: bytes, as: UTF8.self)
        case .errors(let bytes): heard += "!" + String(decoding: bytes, as: UTF8.self)
        }
      }
      return isReady.withLock { $0 }
    }

    func inputDrained() {}
    func ended(_ end: StreamEnd) { self.end.withLock { $0 = end } }
  }

  /// Talks with a program, or by no words with the container's own; what was heard and how it ended.
  static func talk(
    _ container: JSON, _ words: [String]?, _ wishes: StreamWishes, _ inputs: [String], ends: Bool = true
  ) async throws -> (String, StreamEnd?) {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let id = try await runtime.start(RuntimeTests.request(container)) { _ in }
    let session = words.map { runtime.execute(id, $0, wishes) } ?? runtime.attach(id, wishes)
    let listener = Listener()
    session.start(listener)
    for input in inputs { #expect(session.send(Array(input.utf8))) }
    if ends { session.endInput() }
    await clock.advance(by: .seconds(60))
    _ = await runtime.execute(id, ["true"], timeout: .seconds(1))
    return (listener.heard.withLock { $0 }, listener.end.withLock { $0 })
  }

  private static let sleeper: JSON = ["image": "busybox", "command": ["sleep", "infinity"]]

  @Test func runsPrograms() async throws {
    let wishes = StreamWishes(hasInput: true)
    let plain = try await Self.talk(Self.sleeper, ["sh", "-c", "echo a; echo b >&2; sleep 3; exit 4"], wishes, [])
    #expect(plain.0 == "a\n!b\n" && plain.1 == .exited(4))
    #expect(try await Self.talk(Self.sleeper, ["cat"], wishes, ["x", "y"]) == ("xy", .exited(0)))
    let missing = try await Self.talk(Self.sleeper, ["nosuch"], wishes, [])
    #expect(missing.0.contains("executable file not found in $PATH: unknown") && missing.1 == .exited(127))
  }

  /// Input waits for a program that sleeps, and comes when it reads.
  @Test(arguments: [UInt8(ascii: "a"), 0xFF]) func inputWaits(_ byte: UInt8) async throws {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let id = try await runtime.start(RuntimeTests.request(Self.sleeper)) { _ in }
    let session = runtime.execute(id, ["sh", "-c", "sleep 20; cat | wc -c"], StreamWishes(hasInput: true))
    let listener = Listener()
    session.start(listener)
    let piece = [UInt8](repeating: byte, count: 65536)
    var sent = 0
    while sent < 20 << 20 {
      sent += piece.count
      if !session.send(piece) { break }
    }
    #expect(sent < 5 << 20)
    _ = await runtime.execute(id, ["true"], timeout: .seconds(1))
    #expect(listener.end.withLock { $0 } == nil)
  }

  @Test func outputIsHeldUpToALimit() {
    let listener = Listener()
    listener.isReady.withLock { $0 = false }
    let output = HeldOutput(listener) { listener.ended(HeldOutput.failure) }
    for text in ["a", "b", "c"] { output.send(Array(text.utf8)) }
    #expect(listener.heard.withLock { $0 } == "a")
    output.resume()
    #expect(listener.heard.withLock { $0 } == "abc")
    for _ in 0..<3 { output.send([UInt8](repeating: 65, count: HeldOutput.limit)) }
    output.finish()
    #expect(listener.heard.withLock { $0 } == "abc" && listener.end.withLock { $0 } == HeldOutput.failure)
  }

  @Test func talksAtATerminal() async throws {
    let wishes = StreamWishes(hasInput: true, hasErrors: false, hasTerminal: true)
    let typed = ["ec", "ho 1\recho 2\r", "cat <<E\rin\rE\r", "sleep 99\r", "\u{3}", "sh\r", "exit\r", "\u{4}"]
    let outcome = try await Self.talk(Self.sleeper, ["sh"], wishes, typed, ends: false)
    let expected = [
      "/ # echo 1", "1", "/ # echo 2", "2", "/ # cat <<E", "> in", "> E", "in", "/ # sleep 99", "^C", "/ # sh",
      "/ # exit",
      "/ # ", "",
    ]
    #expect(outcome.0 == expected.joined(separator: "\r\n") && outcome.1 == .exited(0))
  }

  @Test func attaches() async throws {
    let container: JSON = ["image": "busybox", "command": ["cat"], "stdin": true, "stdinOnce": true]
    #expect(
      try await Self.talk(container, nil, StreamWishes(hasInput: true), ["one\n", "two\n"]) == (
        "one\ntwo\n", .exited(0)
      ))
    let shell: JSON = ["image": "busybox", "stdin": true, "tty": true]
    let wishes = StreamWishes(hasInput: true, hasErrors: false, hasTerminal: true)
    let outcome = try await Self.talk(shell, nil, wishes, ["echo hi\r", "exit\r"], ends: false)
    #expect(outcome.0 == "/ # echo hi\r\nhi\r\n/ # exit\r\n" && outcome.1 == .exited(0))
  }
}
