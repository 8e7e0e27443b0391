import JSONCore
import Objects

/// Nobody grants what they do not have.
enum RoleRule: KindRule {
  static func prepareCreate(_ role: inout JSON, _ context: inout WriteContext) throws(Status) {
    try context.checkEscalation(role, context.kind, context.namespace, context.caller)
  }

  static func prepareUpdate(_ role: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    // Labels and annotations may change without a look at the rules.
    if role["rules"] == old["rules"] && role["aggregationRule"] == old["aggregationRule"] { return }
    try context.checkEscalation(role, context.kind, context.namespace, context.caller)
  }
}

/// Nobody binds a role that grants more than they have.
enum RoleBindingRule: KindRule {
  static func prepareCreate(_ binding: inout JSON, _ context: inout WriteContext) throws(Status) {
    completeSubjects(&binding)
    try context.checkEscalation(binding, context.kind, context.namespace, context.caller)
  }

  static func prepareUpdate(_ binding: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    if binding["roleRef"] == old["roleRef"] && binding["subjects"] == old["subjects"] { return }
    try context.checkEscalation(binding, context.kind, context.namespace, context.caller)
  }

  private static func completeSubjects(_ binding: inout JSON) {
    if binding["subjects"]?.array?.isEmpty == true { binding["subjects"] = nil }
  }
}
