import JSONCore
import Objects

extension ManagedFields {
  /// What each manager owns of the fields that are about to change.
  func conflicts(over changed: FieldSet) -> [Entry] {
    entries.compactMap { entry in
      var conflict = entry
      conflict.fields = entry.fields.intersection(changed)
      return conflict.fields.isEmpty ? nil : conflict
    }
  }

  /// - Throws: 409 with a cause for each field, unless all of them are allowed.
  func refuse(_ conflicts: [Entry], but allowed: FieldSet) throws(Status) {
    let managers = conflicts.map { (entry: $0, paths: $0.fields.subtracting(allowed).paths) }
      .filter { !$0.paths.isEmpty }
      .sorted { $0.entry.identity < $1.entry.identity }
    let count = managers.reduce(0) { $0 + $1.paths.count }
    if count == 0 { return }
    let causes = managers.flatMap { manager in
      manager.paths.map {
        Status.Cause(reason: "FieldManagerConflict", message: "conflict with \(manager.entry.shown)", field: $0)
      }
    }
    let message =
      count == 1
      ? "Apply failed with 1 conflict: \(causes[0].message): \(causes[0].field)"
      : "Apply failed with \(count) conflicts: "
        + managers.map { manager in
          "conflicts with \(manager.entry.shown):" + manager.paths.map { "\n- " + $0 }.joined()
        }.joined(separator: "\n")
    throw Status(code: 409, reason: "Conflict", message: message, details: Status.Details(causes: causes))
  }
}

extension ManagedFields.Entry {
  /// The manager as conflicts name it: `"scaler" with subresource "scale" using apps/v1`.
  var shown: String {
    var text = Status.quoted(manager)
    if !subresource.isEmpty { text += " with subresource \(Status.quoted(subresource))" }
    if !isApplied { text += " using \(apiVersion)" }
    return text
  }
}
