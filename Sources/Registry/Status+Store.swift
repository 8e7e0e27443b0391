import Objects
import Storage

extension Status {
  /// The one place where errors of the store become errors of the API.
  init(_ error: StoreError, _ resource: GroupResource, _ name: String) {
    switch error {
    case .exists: self = .alreadyExists(resource, name)
    case .missing: self = .notFound(resource, name)
    case .conflict: self = .stale(resource, name)
    case .compacted(let oldest):
      self = .expired("too old resource version: the oldest that is kept is \(oldest)")
    case .future(let current): self = .tooLargeRevision(current, current)
    case .refused(let status): self = status
    case .failed(let message): self = .internalError(message)
    }
  }
}
