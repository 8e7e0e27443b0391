import JSONCore
import Schemas

/// Merges two lists whose items are told apart by path elements.
///
/// Items that both lists have come in the order of the applied one; items that only one list has stay where they stand
/// relative to their neighbours in it, those of the live list first (the rule of structured-merge-diff v4 and later).
struct ListMerger {
  typealias Merge = (JSON?, JSON?, MergeShape) -> JSON?

  private let item: MergeShape
  private let merge: Merge
  private let left: [(element: String, value: JSON)]
  private let right: [(element: String, value: JSON)]
  private let leftItems: [String: [JSON]]
  private let rightElements: Set<String>
  /// The items that both have, in the order in which they are to come; the first one is next.
  private var shared: ArraySlice<String>
  private var taken = Set<String>()
  private var result: [JSON] = []

  init(_ live: [JSON], _ applied: [JSON], _ shape: MergeShape, merge: @escaping Merge) {
    self.merge = merge
    item = shape.item ?? .deduced
    left = live.compactMap { value in shape.pathElement(of: value).map { ($0, value) } }
    right = applied.compactMap { value in shape.pathElement(of: value).map { ($0, value) } }
    leftItems = Dictionary(grouping: left, by: \.element).mapValues { $0.map(\.value) }
    rightElements = Set(right.map(\.element))
    let leftItems = leftItems
    shared = right.map(\.element).filter { leftItems[$0] != nil }[...]
  }

  mutating func merged() -> [JSON] {
    var (l, r) = (0, 0)
    while l < left.count || r < right.count {
      if l < left.count, r < right.count {
        let element = left[l].element
        if element == right[r].element {
          take(right[r])
          _ = shared.popFirst()
          l += 1
          r += 1
          continue
        }
        // The applied list wants another shared item first; this one comes when its turn is there.
        if rightElements.contains(element), let next = shared.first, next != element {
          l += 1
          continue
        }
      }
      if l < left.count {
        let (element, value) = left[l]
        if !rightElements.contains(element) {
          result.append(value)
          l += 1
          continue
        }
        if taken.contains(element) { l += 1 }
      }
      if r < right.count {
        take(right[r])
        if shared.first == right[r].element { _ = shared.popFirst() }
        r += 1
      }
    }
    return result
  }

  /// Takes an applied item, merged with the live one of the same key; live duplicates are not merged but replaced.
  private mutating func take(_ applied: (element: String, value: JSON)) {
    taken.insert(applied.element)
    let live = leftItems[applied.element] ?? []
    if let value = merge(live.count == 1 ? live[0] : nil, applied.value, item) { result.append(value) }
  }
}
