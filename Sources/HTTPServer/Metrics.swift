/// What a server did since its start.
public struct Metrics: Sendable {
  public var connectionsAccepted = 0
  public var connectionsOpen = 0
  public var requests = 0
  /// Requests whose answer isn't complete: work under way and open streams.
  public var requestsOpen = 0
  public var streamsOpen = 0
  /// Responses by their status' first digit, 1 to 5; index 0 counts others.
  public var responsesByClass = [0, 0, 0, 0, 0, 0]
  public var bytesReceived = 0
  public var bytesSent = 0
  public var protocolErrors = 0
  public var timeouts = 0

  mutating func countResponse(_ status: Int) {
    responsesByClass[status >= 100 && status < 600 ? status / 100 : 0] += 1
  }

  static func + (left: Metrics, right: Metrics) -> Metrics {
    var sum = left
    sum.connectionsAccepted += right.connectionsAccepted
    sum.connectionsOpen += right.connectionsOpen
    sum.requests += right.requests
    sum.requestsOpen += right.requestsOpen
    sum.streamsOpen += right.streamsOpen
    for index in sum.responsesByClass.indices { sum.responsesByClass[index] += right.responsesByClass[index] }
    sum.bytesReceived += right.bytesReceived
    sum.bytesSent += right.bytesSent
    sum.protocolErrors += right.protocolErrors
    sum.timeouts += right.timeouts
    return sum
  }
}
