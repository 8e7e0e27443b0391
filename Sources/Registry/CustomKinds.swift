import Objects
import Schemas
import Synchronization

/// The catalog as a function of the snapshot: definitions are read when they are new or have changed, and only then.
final class CustomKinds: Sendable {
  private struct State {
    /// Of the snapshot that the rest was read from.
    var snapshot: Int64 = 0
    var definitions = ObjectSlice.none
    var catalog: Catalog
    /// What each definition brought, by its key.
    var known: [Key: (revision: Int64, kinds: [Kind])] = [:]
  }

  private let base: Catalog
  private let state: Mutex<State>

  init(base: Catalog) {
    self.base = base
    state = Mutex(State(catalog: base))
  }

  func catalog(of snapshot: Snapshot) -> Catalog {
    let definitions = snapshot.objects(.definitions)
    let before = state.withLock { $0 }
    if before.definitions.isSame(as: definitions) { return before.catalog }
    // Large definitions take a while, during which others go on with what they know.
    let now = read(definitions, at: snapshot.revision, after: before)
    state.withLock { if $0.snapshot <= now.snapshot { $0 = now } }
    return now.catalog
  }

  private func read(_ definitions: ObjectSlice, at revision: Int64, after before: State) -> State {
    var known: [Key: (revision: Int64, kinds: [Kind])] = [:]
    for definition in definitions {
      let old = before.known[definition.key]
      if let old, old.revision == definition.revision {
        known[definition.key] = old
      } else {
        let kinds = Kind.custom(
          definition.json, revision: definition.revision, base: base, reusing: old?.kinds ?? [])
        known[definition.key] = (definition.revision, kinds)
      }
    }
    let isNew = known.count != before.known.count || known.contains { before.known[$0]?.revision != $1.revision }
    return State(
      snapshot: revision, definitions: definitions,
      catalog: isNew ? Catalog(base, adding: definitions.flatMap { known[$0.key]?.kinds ?? [] }) : before.catalog,
      known: known)
  }
}
