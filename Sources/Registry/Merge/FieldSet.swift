import JSONCore

/// A set of paths into an object: the fields that one manager owns (`fieldsV1` of metav1.ManagedFieldsEntry).
///
/// The set is kept in the form in which it travels, as a tree of JSON objects whose keys are path elements: `f:<field>`,
/// `k:<keys of a list item>`, `v:<value of a set>`, `i:<index>`. A node without children is in the set; a node with
/// children is in it when it also holds the key `.`. So reading and writing a set costs nothing, and the algebra is a walk
/// over sorted keys.
///
/// Most writes leave most sets as they are, so a stored set stays text until somebody needs its tree.
public struct FieldSet: Sendable, Hashable {
  /// `fieldsV1`: an object, or its text.
  public let json: JSON

  public init() { json = .emptyObject }

  init(root: Members) { json = .object(root) }

  init(_ text: EncodedJSON) { json = .encoded(text) }

  /// The tree.
  var root: Members { json.object ?? Members() }

  /// The text of a set that nobody has made a tree of.
  var text: EncodedJSON? { if case .encoded(let text) = json { text } else { nil } }

  /// From paths like `spec.replicas`; only for fields whose names have no dots.
  public init(fields: [String]) {
    var set = FieldSet()
    for field in fields {
      let path = field.split(separator: ".").map { "f:" + $0 }
      set.formUnion(FieldSet(root: Members([(path[0], Self.chain(path.dropFirst()))])))
    }
    self = set
  }

  private static func chain(_ path: ArraySlice<String>) -> JSON {
    guard let first = path.first else { return .emptyObject }
    return .object(Members([(first, chain(path.dropFirst()))]))
  }

  public var isEmpty: Bool {
    switch json {
    case .encoded(let text): text.blob.count <= 2
    default: root.isEmpty
    }
  }

  /// Whether the path of a field of fields is in the set.
  public func contains(_ path: [String]) -> Bool {
    var node = FieldNode(children: root)
    for name in path {
      guard let next = node.children["f:" + name] else { return false }
      node = FieldNode(next)
    }
    return node.isMember
  }
}

/// One node of a set: whether its path is in the set, and the nodes below it.
struct FieldNode {
  var isMember = false
  var children = Members()

  static let leaf = FieldNode(isMember: true)

  init(isMember: Bool = false, children: Members = Members()) {
    self.isMember = isMember
    self.children = children
  }

  init(_ json: JSON) {
    guard case .object(let members) = json, !members.isEmpty else {
      isMember = true
      return
    }
    guard members[members.startIndex].key == "." else {
      children = members
      return
    }
    isMember = true
    children.reserveCapacity(members.count - 1)
    for (key, value) in members.dropFirst() { children.append(key, value) }
  }

  var isEmpty: Bool { !isMember && children.isEmpty }

  var json: JSON {
    guard isMember, !children.isEmpty else { return .object(children) }
    var members = Members()
    members.reserveCapacity(children.count + 1)
    members.append(".", .emptyObject)
    for (key, value) in children { members.append(key, value) }
    return .object(members)
  }

  /// Adds a child unless it is empty; its key must come behind those that are there.
  mutating func append(_ key: @autoclosure () -> String, _ child: FieldNode) {
    if !child.isEmpty { children.append(key(), child.json) }
  }
}
