import Objects
import Schemas
import Synchronization

/// The catalog as a function of the snapshot: definitions are read when they are new or have changed, and only then.
final class CustomKinds: Sendable {
  private struct State {
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
    return state.withLock { state in
      if !state.definitions.isSame(as: definitions) { read(definitions, &state) }
      return state.catalog
    }
  }

  private func read(_ definitions: ObjectSlice, _ state: inout State) {
    var known: [Key: (revision: Int64, kinds: [Kind])] = [:]
    for definition in definitions {
      if let before = state.known[definition.key], before.revision == definition.revision {
        known[definition.key] = before
      } else {
        known[definition.key] = (
          definition.revision, Kind.custom(definition.json, revision: definition.revision, base: base)
        )
      }
    }
    let isNew = known.count != state.known.count || known.contains { state.known[$0]?.revision != $1.revision }
    state.definitions = definitions
    state.known = known
    if isNew { state.catalog = Catalog(base, adding: definitions.flatMap { known[$0.key]?.kinds ?? [] }) }
  }
}
