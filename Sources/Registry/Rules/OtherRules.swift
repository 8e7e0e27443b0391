import JSONCore
import Objects

/// Nodes may come with a status: kubelets register themselves so.
enum NodeRule: KindRule {}

/// A signing request states who asked; approval and result are written by different hands.
enum CertificateSigningRequestRule: KindRule {
  private static let approvals = ["Approved", "Denied"]

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
    let present = stored.list("conditions")
    var conditions = request["status"]?.list("conditions") ?? []
    if !isApproval { keepApprovals(&conditions, present) }
    stamp(&conditions, present, context.now.rfc3339)
    var status = isApproval ? stored : request["status"] ?? .emptyObject
    status["conditions"] = conditions.isEmpty ? nil : .array(conditions)
    request["status"] = status
  }

  /// Who signs leaves the approvals as they are; one too many or too few is for validation to refuse.
  private static func keepApprovals(_ conditions: inout [JSON], _ present: [JSON]) {
    for type in approvals {
      let places = conditions.indices.filter { conditions[$0].text("type") == type }
      let kept = present.filter { $0.text("type") == type }
      if places.count != kept.count { continue }
      for (place, condition) in zip(places, kept) { conditions[place] = condition }
    }
  }

  /// A condition that is as it was keeps the time at which it came to be so.
  private static func stamp(_ conditions: inout [JSON], _ present: [JSON], _ now: String) {
    for index in conditions.indices {
      let condition = conditions[index]
      let before = present.first {
        $0.text("type") == condition.text("type") && $0.text("status") == condition.text("status")
      }
      if condition.text("lastUpdateTime").isEmpty { conditions[index]["lastUpdateTime"] = .string(now) }
      if condition.text("lastTransitionTime").isEmpty {
        conditions[index]["lastTransitionTime"] = before?["lastTransitionTime"] ?? .string(now)
      }
    }
  }
}
