import JSONCore

/// One rule of a role.
public struct PolicyRule: Sendable, Hashable {
  public var verbs: [String]
  public var groups: [String]
  public var resources: [String]
  /// Empty for any name.
  public var names: [String]
  public var paths: [String]

  public init(
    verbs: [String], groups: [String] = [], resources: [String] = [], names: [String] = [], paths: [String] = []
  ) {
    self.verbs = verbs
    self.groups = groups
    self.resources = resources
    self.names = names
    self.paths = paths
  }

  init(_ json: JSON) {
    func texts(_ key: String) -> [String] { json.list(key).compactMap(\.string) }
    self.init(
      verbs: texts("verbs"), groups: texts("apiGroups"), resources: texts("resources"), names: texts("resourceNames"),
      paths: texts("nonResourceURLs"))
  }

  public var json: JSON {
    var result: JSON = ["verbs": JSON(verbs)]
    if !groups.isEmpty { result["apiGroups"] = JSON(groups) }
    if !resources.isEmpty { result["resources"] = JSON(resources) }
    if !names.isEmpty { result["resourceNames"] = JSON(names) }
    if !paths.isEmpty { result["nonResourceURLs"] = JSON(paths) }
    return result
  }

  func allows(_ attributes: Attributes) -> Bool {
    guard verbs.contains("*") || verbs.contains(attributes.verb) else { return false }
    if let path = attributes.path { return paths.contains { Self.matches(path, $0) } }
    guard groups.contains("*") || groups.contains(attributes.group) else { return false }
    guard names.isEmpty || names.contains(attributes.name) else { return false }
    let resource = attributes.combinedResource
    return resources.contains { allowed in
      allowed == "*" || allowed == resource
        || !attributes.subresource.isEmpty && allowed == "*/" + attributes.subresource
    }
  }

  /// A `*` at the end stands for anything.
  private static func matches(_ path: String, _ pattern: String) -> Bool {
    pattern == "*" || pattern == path || pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast())
  }
}

extension PolicyRule {
  /// The rule taken apart into ones of a single verb, group and resource (or path): what can be compared one by one.
  var atoms: [PolicyRule] {
    var result: [PolicyRule] = []
    for group in groups {
      for resource in resources {
        for verb in verbs {
          for name in names.isEmpty ? [[]] : names.map({ [$0] }) {
            result.append(PolicyRule(verbs: [verb], groups: [group], resources: [resource], names: name))
          }
        }
      }
    }
    for path in paths {
      for verb in verbs { result.append(PolicyRule(verbs: [verb], paths: [path])) }
    }
    return result
  }

  /// Atoms put together again, as far as they differ by their verb alone; those of paths stay apart.
  static func compacted(_ atoms: [PolicyRule]) -> [PolicyRule] {
    var result: [PolicyRule] = []
    var positions: [PolicyRule: Int] = [:]
    for atom in atoms {
      var subject = atom
      subject.verbs = []
      if atom.paths.isEmpty, let position = positions[subject] {
        result[position].verbs += atom.verbs
      } else {
        positions[subject] = result.count
        result.append(atom)
      }
    }
    return result
  }

  /// Whether this rule allows all that an atom allows.
  func covers(_ atom: PolicyRule) -> Bool {
    func has(_ mine: [String], _ wanted: [String]) -> Bool {
      mine.contains("*") || wanted.allSatisfy(mine.contains)
    }
    guard has(verbs, atom.verbs) else { return false }
    if let path = atom.paths.first { return paths.contains { Self.matches(path, $0) } }
    guard has(groups, atom.groups), names.isEmpty || !atom.names.isEmpty && atom.names.allSatisfy(names.contains)
    else { return false }
    return atom.resources.allSatisfy { wanted in
      resources.contains { mine in
        mine == "*" || mine == wanted || mine.hasPrefix("*/") && wanted.hasSuffix(mine.dropFirst())
      }
    }
  }

  /// As the 403 of an escalation lists it: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
  var shown: String {
    func list(_ name: String, _ values: [String]) -> String? { values.isEmpty ? nil : "\(name):\(values.quotedAsInGo)" }
    let parts = [
      list("APIGroups", groups), list("Resources", resources), list("NonResourceURLs", paths),
      list("ResourceNames", names), list("Verbs", verbs),
    ]
    return "{\(parts.compactMap { $0 }.joined(separator: ", "))}"
  }
}

extension [String] {
  /// Go prints the elements of a list of quoted strings with blanks between them.
  public var quotedAsInGo: String { "[\(map { JSON.string($0).text }.joined(separator: " "))]" }
}
