import HTTPServer
import NodeAgent
import Objects
import Synchronization

/// The API as simulated containers reach it: in this process, without a socket.
struct InnerDoor: Sendable {
  /// The longest answer that a container gets, in bytes.
  private static let limit = 4 << 20

  let handler: any Handler

  func answer(_ asked: PortRequest, from address: String) -> APIAnswer {
    let request = Request(
      method: asked.method, target: asked.target, headers: asked.headers.map { ($0.name, $0.value) },
      body: asked.body, from: address)
    switch handler.answer(request) {
    case .now(let response): return .now(Self.plain(response))
    case .later(let work): return .later { Self.plain(await work()) }
    case .decideLater(let work): return .later { await Self.whole(await work()) }
    case .stream(let response): return .now(Self.drained(response))
    case .upgrade: return .now(PortResponse(status: 400))
    }
  }

  private static func whole(_ answer: Answer) async -> PortResponse {
    switch answer {
    case .now(let response): plain(response)
    case .later(let work): plain(await work())
    case .decideLater(let work): await whole(await work())
    case .stream(let response): drained(response)
    case .upgrade: PortResponse(status: 400)
    }
  }

  private static func plain(_ response: Response) -> PortResponse {
    let headers = response.headerTexts.map { PortHeader($0.name, $0.value) }
    return PortResponse(status: response.status, headers: headers, body: Array(response.body.bytes.prefix(limit)))
  }

  /// What a stream has to tell at once.
  private static func drained(_ response: StreamResponse) -> PortResponse {
    response.source.start {}
    defer { response.source.cancel() }
    var body: [UInt8] = []
    pulling: while body.count < limit {
      switch response.source.pull(limit: limit - body.count) {
      case .chunks(let chunks): for chunk in chunks { body += Array(chunk.bytes) }
      case .wait, .end: break pulling
      }
    }
    return PortResponse(status: response.status, headers: [], body: body)
  }
}
