import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas

/// A connection to a pod, a service or a node, as those see it who extend admission: the options of the request.
struct ConnectRequest: Sendable {
  private let call: Call
  private let kind: Kind
  private let object: JSON

  /// nil for parts of objects that nobody connects to.
  init?(_ call: Call, _ kind: Kind) {
    guard let identity = kind.subresource(call.target.subresource)?.kind else { return nil }
    self.call = call
    self.kind = kind
    var object: JSON = ["kind": .string(identity.kind), "apiVersion": .string(identity.apiVersion)]
    let query = call.query
    switch call.target.subresource {
    case "exec", "attach":
      for name in ["stdin", "stdout", "stderr", "tty"] {
        let value = query.text(name)
        if !value.isEmpty { object[name] = .bool(value == "true" || value == "1") }
      }
      if !query.text("container").isEmpty { object["container"] = .string(query.text("container")) }
      let command = query.all("command")
      if !command.isEmpty { object["command"] = JSON(command) }
    case "portforward":
      let ports = query.all("ports").flatMap { $0.split(separator: ",") }.compactMap { Int($0) }
      if !ports.isEmpty { object["ports"] = .array(ports.map { JSON($0) }) }
    case "proxy": object["path"] = .string(call.target.rest.joined(separator: "/"))
    default: return nil
    }
    self.object = object
  }

  /// - Throws: when somebody refuses it.
  func ask(_ cluster: Cluster) async throws(Status) {
    let target = call.target
    try await cluster.ask(
      .connect, kind, namespace: target.namespace, name: target.name, subresource: target.subresource, object,
      WriteOptions(caller: call.caller, notes: call.notes))
  }

  /// The answer, once nobody has anything against it.
  func answer(_ cluster: Cluster, _ reply: Reply, _ allowed: @escaping @Sendable () -> Answer) -> Answer {
    guard cluster.isExtended(.connect, kind) else { return allowed() }
    return .decideLater { [self] in
      do throws(Status) {
        try await ask(cluster)
        return allowed()
      } catch {
        return .now(reply.error(error, call.request))
      }
    }
  }
}
