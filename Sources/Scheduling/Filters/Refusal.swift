/// Why a node cannot take a pod.
public struct Refusal: Sendable, Hashable {
  /// What was found, as numbers and names: sentences are made of it when somebody asks.
  enum Detail: Sendable, Hashable {
    case none
    case text(String)
    /// Milli-CPU, bytes or pieces.
    case shortage(resource: String, wanted: Int64, used: Int64, total: Int64)
    case podLimit(Int)
    case taint(Taint)
    case label(key: String, wanted: String, found: String?)
    case port(HostPort)
    case missingLabel(String)
    case skew(key: String, value: String, count: Int, least: Int, limit: Int)
    case company(key: String, value: String)
  }

  /// The plug-in that refused.
  let plugin: Plugin
  /// The words of the message: `Insufficient cpu`.
  public let reason: String
  /// Whether removing pods from the node could change it.
  let isCurable: Bool
  let detail: Detail

  init(_ plugin: Plugin, _ reason: String, isCurable: Bool = false, _ detail: Detail = .none) {
    self.plugin = plugin
    self.reason = reason
    self.isCurable = isCurable
    self.detail = detail
  }
}
