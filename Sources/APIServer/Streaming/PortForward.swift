import HTTPServer
import Objects
import Registry

/// `pods/portforward`, in its three forms.
extension Streams {
  func forward(_ call: Call, _ place: ContainerPlace, _ source: any ContainerStreams) throws(Status) -> Answer {
    let (reply, request) = (reply, call.request)
    let asked = call.query.all("ports").flatMap { $0.split(separator: ",") }.map { Int($0) ?? 0 }
    if let wrong = asked.first(where: { !(1...65535).contains($0) }) {
      throw .badRequest("port \(wrong) must be between 1 and 65535")
    }
    return .decideLater {
      do throws(StreamFailure) {
        let ports = try await source.ports(place)
        return Self.answer(request, ports, asked, place, reply)
      } catch {
        return .now(Self.failure(error, request, reply))
      }
    }
  }

  private static func answer(
    _ request: Request, _ ports: any PodPorts, _ asked: [Int], _ place: ContainerPlace, _ reply: Reply
  ) -> Answer {
    if SPDYConnection.isAsked(by: request) {
      let spoken = PortForwardStreams.streamProtocol
      let offered = SPDYConnection.protocols(of: request)
      guard offered.isEmpty || offered.contains(spoken) else {
        return .now(noCommonProtocol(offered, [spoken], request, reply))
      }
      return SPDYConnection(PortForwardStreams(ports, place)).answer(streamProtocol: spoken)
    }
    let refuse = { (status: Int, message: String) in
      reply.error(Status(code: status, reason: "BadRequest", message: message), request)
    }
    // The form without SPDY has its ports, and two channels for each, from the start.
    let isTunnel = WebSocket.subprotocols(of: request).contains(PortForwardStreams.tunnelProtocol)
    if !isTunnel, let objection = PortForwardSocket.objection(asked) { return .now(refuse(400, objection)) }
    let spoken = [PortForwardStreams.tunnelProtocol] + PortForwardSocket.protocols
    return WebSocket.answer(request, subprotocols: spoken, refuse: refuse) { name in
      if name == PortForwardStreams.tunnelProtocol {
        return SPDYTunnel(SPDYConnection(PortForwardStreams(ports, place)))
      }
      return PortForwardSocket(ports, asked, place, isText: name?.contains("base64") == true)
    }
  }
}
