import JSONCore

extension JSON {
  /// Changes a value in place, by a closure that sees it as a variable of its own.
  mutating func edit(_ change: (inout JSON) -> Void) { change(&self) }

  /// The same object without some of its members.
  func without(_ keys: String...) -> JSON {
    guard var members = object else { return self }
    for key in keys { members.removeValue(forKey: key) }
    return .object(members)
  }

  /// Appends to the array at a key, which is made when it is missing.
  mutating func append(_ element: JSON, to key: String) {
    var elements = list(key)
    elements.append(element)
    self[key] = .array(elements)
  }
}

extension JSON {
  /// `metadata.name`
  var name: String { self["metadata"]?.text("name") ?? "" }
  var uid: String { self["metadata"]?.text("uid") ?? "" }
  var isTerminating: Bool { self["metadata"]?["deletionTimestamp"] != nil }
  var finalizers: [String] { (self["metadata"]?.list("finalizers") ?? []).compactMap(\.string) }
}
