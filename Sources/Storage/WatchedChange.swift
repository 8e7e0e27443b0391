import Objects

/// A change on its way to the watches: what several filters ask about it is worked out once.
struct WatchedChange {
  let change: Change
  private let fieldValue: WatchFilter.FieldValue
  private var newFields: [(field: String, value: String?)] = []
  private var oldFields: [(field: String, value: String?)] = []
  private var departed: Object?
  private var plain: WatchEvent?

  init(_ change: Change, fieldValue: @escaping WatchFilter.FieldValue) {
    self.change = change
    self.fieldValue = fieldValue
  }

  /// What a watch with this filter sees, nil for nothing. Whatever enters a selection is added, whatever leaves it is
  /// deleted, with its last fitting content and the revision at which it left.
  mutating func event(for filter: WatchFilter) -> WatchEvent? {
    guard filter.hasSelectors else {
      if let plain { return plain }
      let event = WatchEvent(change.kind.eventKind, change.object)
      plain = event
      return event
    }
    let fits = change.kind != .deleted && selects(filter, change.object, &newFields)
    let fitted = change.previous.map { selects(filter, $0, &oldFields) } ?? false
    switch (fitted, fits) {
    case (false, false): return nil
    case (false, true): return WatchEvent(.added, change.object)
    case (true, true): return WatchEvent(.modified, change.object)
    case (true, false): return WatchEvent(.deleted, lastState())
    }
  }

  private func selects(
    _ filter: WatchFilter, _ object: Object, _ known: inout [(field: String, value: String?)]
  ) -> Bool {
    filter.selects(object) { field in
      if let value = known.first(where: { $0.field == field })?.value { return value }
      let value = fieldValue(object, field)
      known.append((field, value))
      return value
    }
  }

  private mutating func lastState() -> Object {
    if change.kind == .deleted { return change.object }
    if let departed { return departed }
    let object = Draft(of: change.previous ?? change.object).object(revision: change.revision)
    departed = object
    return object
  }
}

extension Change.Kind {
  var eventKind: WatchEvent.Kind {
    switch self {
    case .added: .added
    case .modified: .modified
    case .deleted: .deleted
    }
  }
}
