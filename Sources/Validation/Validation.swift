import JSONCore
import Objects

/// Rules of one kind that no schema can say: pure functions of the new object and the one it replaces.
public struct Rule: Sendable {
  /// The grammar of `metadata.name`.
  var name: @Sendable (String) -> [String] = Names.subdomain
  /// The whole object as it would be stored, on create and on update.
  var object: @Sendable (_ object: JSON, inout Findings) -> Void = { _, _ in }
  /// What only a new object has to keep to.
  var create: @Sendable (_ object: JSON, inout Findings) -> Void = { _, _ in }
  /// What an update may not change; comes before `object`.
  var update: @Sendable (_ new: JSON, _ old: JSON, inout Findings) -> Void = { _, _, _ in }
  /// `object` looks at nothing but the spec. A spec that an update leaves alone was judged when it was stored.
  var judgesSpecAlone = false
  /// The stock server judges a change of this kind as an object and as a change, and tells of the object's faults twice.
  var isToldTwice = false
  /// Whether a change is judged by what is asked of the metadata of a new object, too.
  var updateJudgesMetadata = true
}

/// Judges objects by the rules of their kind.
public enum Validation {
  /// Faults of a new object.
  public static func create(_ resource: GroupResource, _ object: JSON, isNamespaced: Bool) -> [FieldError] {
    let rule = rules[resource] ?? Rule()
    return Findings.collect { findings in
      findings.metadata(object["metadata"], findings.path("metadata"), isNamespaced: isNamespaced, name: rule.name)
      rule.object(object, &findings)
      rule.create(object, &findings)
    }
  }

  /// Faults of an update of the main resource. As in the stock server, metadata is judged before and by the kind's own rules.
  public static func update(_ resource: GroupResource, new: JSON, old: JSON, isNamespaced: Bool) -> [FieldError] {
    Findings.collect { findings in
      commonUpdate(new, old, isNamespaced, hasRules: rules[resource] != nil, &findings)
      guard let rule = rules[resource] else { return }
      rule.update(new, old, &findings)
      if rule.updateJudgesMetadata {
        findings.metadata(new["metadata"], findings.path("metadata"), isNamespaced: isNamespaced, name: rule.name)
      }
      if rule.judgesSpecAlone, new.hasSame("spec", as: old) { return }
      rule.object(new, &findings)
      if rule.isToldTwice, findings.isRead { rule.object(new, &findings) }
    }
  }

  /// Faults of a write to a subresource. Those without rules of their own are judged by their metadata alone.
  public static func update(
    _ resource: GroupResource, _ subresource: String, new: JSON, old: JSON, isNamespaced: Bool
  ) -> [FieldError] {
    let rule = subresourceRules["\(resource)/\(subresource)"]
    return Findings.collect { findings in
      commonUpdate(new, old, isNamespaced, hasRules: rule != nil, &findings)
      rule?(new, old, &findings)
    }
  }

  /// What is asked of the metadata of every update; the stock server asks twice where the kind has rules of its own.
  private static func commonUpdate(
    _ new: JSON, _ old: JSON, _ isNamespaced: Bool, hasRules: Bool, _ findings: inout Findings
  ) {
    let path = findings.path("metadata")
    findings.metadata(new["metadata"], path, isNamespaced: isNamespaced, isCore: false, name: Names.pathSegment)
    let count = findings.errors.count
    findings.metadataUpdate(new["metadata"], old: old["metadata"], path)
    if hasRules, findings.errors.count > count {
      findings.metadataUpdate(new["metadata"], old: old["metadata"], path)
    }
  }

  /// The rules of every kind that has some, by resource. Each group's rules stand in a file of their own.
  static let rules: [GroupResource: Rule] = {
    var rules: [GroupResource: Rule] = [:]
    for group in [workloadRules, coreRules, otherRules] {
      rules.merge(group) { first, _ in first }
    }
    return rules
  }()
}
