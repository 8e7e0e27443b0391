import HTTPServer
import JSONCore
import Objects
import Synchronization
import Testing
import Values

@testable import APIServer

/// Channels, results and addresses of conversations with containers.
@Suite struct StreamingTests {
  @Test func binaryChannels() {
    let channels = ChannelProtocol("v5.channel.k8s.io")
    #expect(channels.version == 5 && !channels.isText)
    #expect(channels.message(.output, [65]) == .binary([1, 65]))
    #expect(channels.event(.binary([0, 65, 66])) == .input([65, 66]))
    #expect(channels.event(.binary([255, 0])) == .endOfInput)
    #expect(channels.event(.binary([255, 1])) == nil)
    #expect(channels.event(.binary([4] + Array("{\"Width\":80,\"Height\":24}".utf8))) == .size(columns: 80, rows: 24))
    #expect(channels.event(.binary([4, 1])) == nil && channels.event(.binary([])) == nil)
    #expect(channels.event(.binary([9, 1])) == nil && channels.event(.binary([1, 1])) == nil)
    #expect(ChannelProtocol("v4.channel.k8s.io").event(.binary([255, 0])) == nil)
    #expect(ChannelProtocol("").version == 1)
  }

  @Test func textChannels() {
    let channels = ChannelProtocol("v4.base64.channel.k8s.io")
    #expect(channels.version == 4 && channels.isText)
    #expect(channels.message(.errors, Array("hi".utf8)) == .text("2aGk="))
    #expect(channels.event(.text("0aGk=")) == .input(Array("hi".utf8)))
    #expect(channels.event(.text("0?")) == nil && channels.event(.text("")) == nil)
  }

  @Test func results() {
    #expect(CommandResult.json(.exited(0)) == ["metadata": [:], "status": "Success"])
    let failed = CommandResult.json(.exited(2))
    #expect(failed["reason"] == "NonZeroExitCode")
    #expect(failed.at("details", "causes")?.array?.first == ["reason": "ExitCode", "message": "2"])
    #expect(CommandResult.json(.failed("gone")).text("reason") == "InternalError")
    #expect(CommandResult.bytes(.exited(0), version: 3).isEmpty)
  }

  @Test func proxyNames() {
    #expect(ProxyName("web").map { [$0.scheme, $0.name, $0.port] } == ["http", "web", ""])
    #expect(ProxyName("web:80").map { [$0.scheme, $0.name, $0.port] } == ["http", "web", "80"])
    #expect(ProxyName("https:web:a").map { [$0.scheme, $0.name, $0.port] } == ["https", "web", "a"])
    #expect(ProxyName(":web:").map { [$0.scheme, $0.name, $0.port] } == ["http", "web", ""])
    for wrong in ["", ":", "ftp:web:1", "a:b:c:d"] { #expect(ProxyName(wrong) == nil) }
  }

  @Test func proxyPaths() {
    let path = ProxyPath("/api/v1/namespaces/a/pods/b/proxy/x%2Fy/", pieces: 7)
    #expect(path.front == "/api/v1/namespaces/a/pods/b/proxy" && path.rest == "/x%2Fy/")
    #expect(ProxyPath("/api/v1/nodes/n/proxy", pieces: 5).rest == "")
    let front = "/api/v1/proxy"
    func location(_ text: String) -> String { ProxyRewriting.location(text, front: front, host: "10.0.0.1:80") }
    #expect(location("/a?b") == "/api/v1/proxy/a?b")
    #expect(location("http://10.0.0.1:80/a") == "/api/v1/proxy/a")
    #expect(location("http://10.0.0.1:80") == "/api/v1/proxy/")
    #expect(
      location("http://10.0.0.1:80?a") == "/api/v1/proxy/?a" && location("http://10.0.0.1:80#a") == "/api/v1/proxy/#a")
    #expect(location("http://10.0.0.1:8080/a") == "http://10.0.0.1:8080/a")
    #expect(location("https://else.where/a") == "https://else.where/a" && location("b") == "b")
    let page = "<a href=\"/a\"><img src='/b'><a href=\"//c\"><a href=\"d\">"
    #expect(
      String(decoding: ProxyRewriting.page(Array(page.utf8), front: front), as: UTF8.self)
        == "<a href=\"/api/v1/proxy/a\"><img src='/api/v1/proxy/b'><a href=\"//c\"><a href=\"d\">")
  }

  @Test func portsOfOneSocket() {
    #expect(PortForwardSocket.objection([]) == "query parameter \"ports\" is required")
    #expect(PortForwardSocket.objection(Array(1...127)) == nil && PortForwardSocket.objection(Array(1...128)) != nil)
  }

  /// A port that is told by hand what to say.
  final class Port: PodPorts, StreamSession {
    let log = Mutex<[String]>([])
    let listener = Mutex<(any StreamListener)?>(nil)

    private func note(_ text: String) { log.withLock { $0.append(text) } }
    func connect(_ port: Int) -> any StreamSession { self }
    func request(_ port: Int, _ request: PortRequest) async throws(StreamFailure) -> PortResponse {
      throw StreamFailure(code: 503, message: "")
    }
    func start(_ listener: any StreamListener) { self.listener.withLock { $0 = listener } }
    func send(_ bytes: [UInt8]) -> Bool { true }
    func endInput() { note("end") }
    func resize(columns: Int, rows: Int) {}
    func resume() { note("resume") }
    func close() { note("close") }
  }

  @Test func portsSpeakOnAfterTheClient() {
    let port = Port()
    let streams = PortForwardStreams(port, ContainerPlace(namespace: "a", pod: "b", podUID: "c"))
    streams.opened(SPDYConnection(streams))
    for (stream, type) in [(UInt32(1), "error"), (3, "data")] {
      #expect(streams.began(stream, headers: [("streamtype", type), ("port", "80"), ("requestid", "0")]))
    }
    streams.ended(3)
    streams.drained()
    #expect(port.log.withLock { $0 } == ["end", "resume"])
    port.listener.withLock { $0 }?.ended(.exited(0))
    streams.drained()
    streams.closed()
    #expect(port.log.withLock { $0 } == ["end", "resume"])
  }

  private static let refusals: [(method: String, path: String, answer: String)] = [
    ("POST", "/p/exec?stdout=1", "400 pod p does not have a host assigned"),
    ("GET", "/p/attach?stdout=1", "400 pod p does not have a host assigned"),
    ("POST", "/p/portforward", "400 pod p does not have a host assigned"),
    ("GET", "/nope/exec", "404 pods \"nope\" not found"), ("GET", "/nope/portforward", "404 pods \"nope\" not found"),
    ("GET", "/p/exec?container=x", "400 container x is not valid for pod p"),
    ("GET", "/p/proxy/", "400 address not allowed"),
    ("GET", "/a:b:c:d/proxy/", "400 invalid pod request \"a:b:c:d\""),
  ]

  @Test func refuses() async throws {
    try await withServer { server in
      let pod: JSON = ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "i"]]]]
      let created = try await server.send("POST", "/api/v1/namespaces/default/pods", pod)
      #expect(created.status == 201)
      for refusal in Self.refusals {
        let reply = try await server.send(refusal.method, "/api/v1/namespaces/default/pods" + refusal.path)
        let message = try reply.json.text("message")
        #expect("\(reply.status) \(message)" == refusal.answer)
      }
      let put = try await server.send("PUT", "/api/v1/namespaces/default/pods/p/exec")
      #expect(put.status == 405)
    }
  }
}
