import JSONCore
import Objects

/// What list types promise beyond JSON schema: sets hold each value once, map-like lists each key once.
extension CustomSchema {
  package func duplicates(in value: JSON, at path: Path = .root) -> [FieldError] {
    var errors: [FieldError] = []
    findDuplicates(value, path, &errors)
    return errors
  }

  private func findDuplicates(_ value: JSON, _ path: Path, _ errors: inout [FieldError]) {
    if let elements = value.array {
      var seen = Set<String>()
      for (index, element) in elements.enumerated() {
        if let identity = identity(of: element), !seen.insert(identity.text).inserted {
          errors.append(.duplicate(path.index(index), identity))
        }
        items?.findDuplicates(element, path.index(index), &errors)
      }
    }
    guard let members = value.object else { return }
    for (name, member) in members {
      if let property = property(name) {
        property.findDuplicates(member, path.child(name), &errors)
      } else {
        additional?.findDuplicates(member, path.key(name), &errors)
      }
    }
  }

  /// The elements of a map-like list by what tells them apart.
  func byIdentity(_ list: JSON?) -> [String: JSON] {
    var result: [String: JSON] = [:]
    for element in list?.array ?? [] { if let key = identity(of: element) { result[key.text] = element } }
    return result
  }

  /// What tells an element of this list apart; nil where elements may be equal.
  func identity(of element: JSON) -> JSON? {
    switch listType {
    case .set: return element
    case .map:
      guard element.object != nil else { return nil }
      return .object(Members(listKeys.compactMap { key in element[key].map { (key, $0) } }))
    default: return nil
    }
  }
}
