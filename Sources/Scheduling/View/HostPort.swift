import JSONCore

/// A port of the node that a pod takes for itself.
public struct HostPort: Sendable, Hashable {
  public let port: Int
  public let transport: String
  /// "0.0.0.0" stands for all addresses.
  public let address: String

  /// - Parameter isOnHost: with the node's own network, container ports are the node's.
  init?(_ port: JSON, isOnHost: Bool) {
    let wanted = port["hostPort"]?.int ?? 0
    let number = wanted > 0 ? wanted : isOnHost ? port["containerPort"]?.int ?? 0 : 0
    if number <= 0 { return nil }
    self.port = number
    transport = port["protocol"]?.string ?? "TCP"
    let address = port.text("hostIP")
    self.address = address.isEmpty ? "0.0.0.0" : address
  }

  func collides(with other: HostPort) -> Bool {
    port == other.port && transport == other.transport
      && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
  }
}
