import JSONCore
import Objects

/// Nodes may come with a status: kubelets register themselves so.
enum NodeRule: KindRule {}

/// A signing request states who asked; approval and result are written by different hands.
enum CertificateSigningRequestRule: KindRule {
  private static let approvals: Set<String> = ["Approved", "Denied"]

  static func prepareCreate(_ request: inout JSON, _ context: inout WriteContext) throws(Status) {
    let caller = context.caller
    request["spec", default: .emptyObject].edit { spec in
      spec["username"] = caller.name.isEmpty ? nil : .string(caller.name)
      spec["uid"] = caller.uid.isEmpty ? nil : .string(caller.uid)
      spec["groups"] = caller.groups.isEmpty ? nil : JSON(caller.groups)
      spec["extra"] = caller.extra.isEmpty ? nil : .object(Members(caller.extra.map { ($0.key, JSON($0.value)) }))
    }
    request["status"] = [:]
  }

  static func prepareUpdate(_ request: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    let stored = old["status"] ?? .emptyObject
    let isApproval = context.subresource == "approval"
    guard isApproval || context.subresource == "status" else {
      request["spec"] = old["spec"]
      return
    }
    func isMine(_ condition: JSON) -> Bool { approvals.contains(condition.text("type")) == isApproval }
    let written = (request["status"]?.list("conditions") ?? []).filter(isMine)
    let kept = stored.list("conditions").filter { !isMine($0) }
    let now = JSON.string(context.now.rfc3339)
    let conditions =
      kept
      + written.map { condition in
        var result = condition
        if result["lastUpdateTime"] == nil || result["lastUpdateTime"] == .null { result["lastUpdateTime"] = now }
        if result["lastTransitionTime"] == nil || result["lastTransitionTime"] == .null {
          result["lastTransitionTime"] = now
        }
        return result
      }
    var status = isApproval ? stored : request["status"] ?? .emptyObject
    status["conditions"] = conditions.isEmpty ? nil : .array(conditions)
    request["status"] = status
  }
}
