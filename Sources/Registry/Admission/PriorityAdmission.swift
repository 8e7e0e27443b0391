import JSONCore
import Objects

/// Turns the name of a priority class into a number; keeps the default class unique.
enum PriorityAdmission {
  static func admit(_ object: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    if context.isCreate(of: .pods) { return try admitPod(&object, context) }
    guard context.resource == .priorityClasses, object["globalDefault"]?.bool == true else { return }
    if let other = defaultClass(context.snapshot), other.name != context.name {
      throw context.forbidden(
        "PriorityClass \(other.name) is already marked as default. Only one default can exist")
    }
  }

  private static func admitPod(_ pod: inout JSON, _ context: WriteContext) throws(Status) {
    var spec = pod["spec"] ?? .emptyObject
    let name = spec.text("priorityClassName")
    var chosen: JSON?
    if !name.isEmpty {
      guard let found = context.snapshot[Key(.priorityClasses, name: name)] else {
        throw context.forbidden("no PriorityClass with name \(name) was found")
      }
      chosen = found.json
    } else if let standard = defaultClass(context.snapshot) {
      chosen = standard.json
      spec["priorityClassName"] = .string(standard.name)
    }
    let priority = chosen?["value"]?.int ?? 0
    if let given = spec["priority"]?.int, given != priority {
      throw context.forbidden(
        "the integer value of priority (\(given)) must not be provided in pod spec; priority admission controller computed "
          + "\(priority) from the given PriorityClass name")
    }
    let policy = chosen?.text("preemptionPolicy") ?? ""
    let resolved = policy.isEmpty ? "PreemptLowerPriority" : policy
    let givenPolicy = spec.text("preemptionPolicy")
    if !givenPolicy.isEmpty, givenPolicy != resolved {
      throw context.forbidden(
        "the string value of PreemptionPolicy (\(givenPolicy)) must not be provided in pod spec; priority admission "
          + "controller computed \(resolved) from the given PriorityClass name")
    }
    spec["priority"] = JSON(priority)
    spec["preemptionPolicy"] = .string(resolved)
    pod["spec"] = spec
  }

  private static func defaultClass(_ snapshot: Snapshot) -> Object? {
    snapshot.objects(.priorityClasses).first { object in
      RawJSON(object.blob.bytes).member("globalDefault")?.decoded()?.bool == true
    }
  }
}
