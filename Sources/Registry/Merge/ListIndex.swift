import JSONCore

/// The items of a set or keyed list by their path elements.
struct ListIndex {
  /// In the order of the list; items that have no path element are left out.
  var elements: [String] = []
  /// More than one value where a list has several items of the same key.
  var items: [String: [JSON]] = [:]

  init(_ list: JSON?, _ element: (JSON) -> String?) {
    for item in list?.array ?? [] {
      guard let key = element(item) else { continue }
      elements.append(key)
      items[key, default: []].append(item)
    }
  }
}
