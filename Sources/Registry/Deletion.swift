import JSONCore
import Objects
import Schemas
import Values

/// What a deletion does to an object, as a pure function.
struct Deletion {
  enum Step {
    /// Nothing to do: it is being deleted already, and nothing about that changes.
    case wait(JSON)
    /// It stays for now, marked.
    case mark(JSON)
    /// It goes at once; the value is what the client is shown.
    case remove(JSON)
  }

  let kind: Kind
  let now: Instant
  let options: DeleteOptions

  private var strategy: Strategy { .of(kind) }

  func step(from old: JSON) -> Step {
    var object = old
    setPropagationFinalizers(&object)
    if kind.resource == .definitions, !old.isTerminating { DefinitionRule.beginDeletion(&object, at: now.rfc3339) }
    let grace = strategy.rule?.grace(old, requested: options.gracePeriodSeconds)
    if old.isTerminating {
      guard let grace else {
        return object.finalizers.isEmpty && mayGo(object) ? .remove(object) : object == old ? .wait(old) : .mark(object)
      }
      return shorten(&object, old, to: grace)
    }
    if let grace {
      mark(&object, grace: grace)
      return grace == 0 && object.finalizers.isEmpty ? .remove(object) : .mark(object)
    }
    if object.finalizers.isEmpty && mayGo(object) { return .remove(object) }
    mark(&object, grace: 0)
    return .mark(object)
  }

  private func mayGo(_ object: JSON) -> Bool { strategy.rule?.mayGo(object) ?? true }

  /// A second deletion can make the wait shorter, never longer.
  private func shorten(_ object: inout JSON, _ old: JSON, to grace: Int) -> Step {
    let present = old["metadata"]?["deletionGracePeriodSeconds"]?.int ?? 0
    if options.gracePeriodSeconds == nil || grace >= present {
      if present == 0 && object.finalizers.isEmpty { return .remove(object) }
      return object == old ? .wait(old) : .mark(object)
    }
    if grace == 0 && object.finalizers.isEmpty {
      object["metadata", default: .emptyObject]["deletionGracePeriodSeconds"] = 0
      return .remove(object)
    }
    let deadline = Instant(rfc3339: old["metadata"]?.text("deletionTimestamp") ?? "") ?? now
    object["metadata", default: .emptyObject].edit { metadata in
      metadata["deletionTimestamp"] = .string((deadline + .seconds(grace - present)).rfc3339)
      metadata["deletionGracePeriodSeconds"] = JSON(grace)
    }
    return .mark(object)
  }

  private func mark(_ object: inout JSON, grace: Int) {
    let deadline = now + .seconds(grace)
    object["metadata", default: .emptyObject].edit { metadata in
      metadata["deletionTimestamp"] = .string(deadline.rfc3339)
      metadata["deletionGracePeriodSeconds"] = JSON(grace)
    }
    if (object["metadata"]?["generation"]?.int ?? 0) > 0 { Cluster.advanceGeneration(&object) }
    if kind.resource == .namespaces { NamespaceRule.markTerminating(&object) }
  }

  /// The finalizers by which the garbage collector learns what is to become of dependents.
  private func setPropagationFinalizers(_ object: inout JSON) {
    let orphan = "orphan"
    let foreground = "foregroundDeletion"
    let old = object.finalizers
    var finalizers = old.filter { $0 != orphan && $0 != foreground }
    switch propagation(old) {
    case .orphan: finalizers.append(orphan)
    case .foreground: finalizers.append(foreground)
    case .background: break
    }
    if finalizers == old { return }
    if Set(finalizers) == Set(old) { return }
    object["metadata", default: .emptyObject]["finalizers"] = finalizers.isEmpty ? nil : JSON(finalizers)
  }

  /// What the client asks for; else what the object already says; else the default of the kind.
  private func propagation(_ finalizers: [String]) -> Propagation {
    if let asked = options.propagation { return asked }
    if let orphans = options.orphanDependents { return orphans ? .orphan : .background }
    if finalizers.contains("orphan") { return .orphan }
    if finalizers.contains("foregroundDeletion") { return .foreground }
    return strategy.orphansByDefault ? .orphan : .background
  }
}
