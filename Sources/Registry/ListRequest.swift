import JSONCore
import Objects
import Schemas

/// What the options of a list come to: which state, and where in it to start.
/// Source of the rules: "Resource versions" of the Kubernetes API concepts.
struct ListRequest {
  enum Moment {
    case newest
    case notOlder(Int64)
    case exact(Int64)
  }

  var moment: Moment
  /// "namespace/name" behind which the page starts.
  var start: String?

  var revision: Int64? {
    switch moment {
    case .newest: nil
    case .notOlder(let revision), .exact(let revision): revision
    }
  }

  init(_ options: ListOptions) throws(Status) {
    try Self.check(options)
    if !options.continueToken.isEmpty {
      let token = try ContinueToken(text: options.continueToken)
      guard options.resourceVersion.isEmpty || options.resourceVersion == "0" else {
        throw .badRequest("specifying resource version is not allowed when using continue")
      }
      start = token.start
      moment = token.revision > 0 ? .exact(token.revision) : .newest
      return
    }
    guard let revision = try Cluster.revision(options.resourceVersion) else {
      moment = .newest
      return
    }
    let isExact =
      options.resourceVersionMatch == "Exact" || options.resourceVersionMatch.isEmpty && options.limit > 0
    moment = isExact ? .exact(revision) : .notOlder(revision)
  }

  private static func check(_ options: ListOptions) throws(Status) {
    var errors: [FieldError] = []
    let match = options.resourceVersionMatch
    let path = Path("resourceVersionMatch")
    if !match.isEmpty {
      if options.resourceVersion.isEmpty {
        errors.append(.forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
      }
      if !options.continueToken.isEmpty {
        errors.append(.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
      }
      if match != "Exact" && match != "NotOlderThan" {
        errors.append(.notSupported(path, .string(match), ["Exact", "NotOlderThan", ""]))
      }
      if match == "Exact" && options.resourceVersion == "0" {
        errors.append(
          .forbidden(
            path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
      }
    }
    if options.sendsInitialEvents != nil {
      errors.append(.forbidden(Path("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
    }
    guard errors.isEmpty else { throw .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors) }
  }
}

extension WatchOptions {
  enum Start {
    case initial
    case now
    case after(Int64)
  }

  /// Where the watch starts.
  /// - Throws: 422 for options that contradict each other, 500 for a malformed version.
  func start() throws(Status) -> Start {
    var errors: [FieldError] = []
    let path = Path("resourceVersionMatch")
    if sendsInitialEvents != nil, resourceVersionMatch != "NotOlderThan" {
      errors.append(.forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    }
    if !resourceVersionMatch.isEmpty {
      if sendsInitialEvents == nil {
        errors.append(
          .forbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
      }
      if resourceVersionMatch != "NotOlderThan" {
        errors.append(.notSupported(path, .string(resourceVersionMatch), ["NotOlderThan"]))
      }
      if !continueToken.isEmpty {
        errors.append(.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
      }
    }
    guard errors.isEmpty else { throw .invalid(kind: "ListOptions", group: "meta.k8s.io", name: "", errors) }
    guard let revision = try Cluster.revision(resourceVersion), sendsInitialEvents != true else {
      return sendsInitialEvents == false ? .now : .initial
    }
    return .after(revision)
  }
}
