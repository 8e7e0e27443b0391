import HTTPServer
import JSONCore
import Objects
import Registry

/// `GET /swiftlet/v1/namespaces/NAMESPACE/pods/NAME/scheduling`: what every filter said of every node, the scores of those
/// that fit, and the node that was chosen. A path of our own, which no stock client asks for.
struct SchedulingRoute: Sendable {
  let cluster: Cluster
  let verdict: (@Sendable (_ podUID: String) -> JSON?)?
  let reply: Reply

  /// nil for other paths.
  func answer(_ call: Call) throws(Status) -> Answer? {
    let parts = call.target.parts
    guard parts.count == 7, parts[0] == "swiftlet", parts[1] == "v1", parts[2] == "namespaces", parts[4] == "pods",
      parts[6] == "scheduling", call.request.method == .get
    else { return nil }
    let pods = GroupResource("", "pods")
    guard let pod = cluster.snapshot[Key(pods, namespace: parts[3], name: parts[5])] else {
      throw .notFound(pods, parts[5])
    }
    guard let verdict else { throw .notImplemented("no scheduler runs in this process") }
    guard let json = verdict(pod.uid) else {
      throw Status(
        code: 404, reason: "NotFound",
        message: "the scheduler has not looked at pod \(Status.quoted(parts[5])) lately\(Self.why(pod.json))")
    }
    return .now(reply.json(json, isPretty: call.wantsPretty, call.request))
  }

  /// Why a scheduler may have nothing to say of a pod.
  private static func why(_ pod: JSON) -> String {
    let name = pod["spec"]?.text("schedulerName") ?? ""
    if let node = pod.at("spec", "nodeName")?.string {
      return ": it is on node \(Status.quoted(node)), where its creator put it or the scheduler did some time ago"
    }
    return name == "default-scheduler" ? "" : ": it asks for scheduler \(Status.quoted(name))"
  }
}
