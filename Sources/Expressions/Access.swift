/// Something that somebody may be allowed to do, as expressions ask about it, step by step.
public struct AccessQuery: Sendable, Hashable {
  /// In whose place it is asked; nil for the user of the request.
  public var serviceAccount: ServiceAccount?
  /// Of a plain path.
  public var path: String?
  public var group = ""
  public var resource = ""
  public var subresource = ""
  public var namespace = ""
  public var name = ""
  public var verb = ""

  public struct ServiceAccount: Sendable, Hashable {
    public var namespace: String
    public var name: String
  }

  public init() {}
}

/// What an authorizer says to a query.
public struct AccessDecision: Sendable, Hashable {
  public var isAllowed: Bool
  public var reason: String

  public init(isAllowed: Bool, reason: String) {
    self.isAllowed = isAllowed
    self.reason = reason
  }
}

/// The variable `authorizer`, or a query on its way from there.
public struct AccessCheck: Sendable {
  enum Stage: String {
    case authorizer = "Authorizer"
    case path = "PathCheck"
    case group = "GroupCheck"
    case resource = "ResourceCheck"
  }

  var stage = Stage.authorizer
  var query = AccessQuery()
  /// What the request itself is about: `authorizer.requestResource`.
  let request: AccessQuery
  let decide: @Sendable (AccessQuery) -> AccessDecision

  public init(request: AccessQuery, decide: @escaping @Sendable (AccessQuery) -> AccessDecision) {
    self.request = request
    self.decide = decide
  }

  func changed(to stage: Stage, _ change: (inout AccessQuery) -> Void) -> AccessCheck {
    var result = self
    result.stage = stage
    change(&result.query)
    return result
  }

  var requestResource: AccessCheck {
    changed(to: .resource) { query in
      let account = query.serviceAccount
      query = request
      query.serviceAccount = account
    }
  }

  var type: ValueType { stage == .authorizer ? .authorizer : .named("authorization.\(stage.rawValue)") }
}

extension ValueType {
  /// The type of `authorizer`.
  public static let authorizer = ValueType.object(
    ObjectType(
      name: "kubernetes.authorization.Authorizer",
      fields: [
        "requestResource": ObjectType.Field(key: "requestResource", type: .named("authorization.ResourceCheck"))
      ]))

  static let decision = ValueType.named("authorization.Decision")
}

extension Functions {
  static let authorization: Library = {
    func step(
      from start: ValueType, to stage: AccessCheck.Stage, _ set: @escaping @Sendable (inout AccessQuery, String) -> Void
    ) -> Function {
      .member([start, .string], .named("authorization.\(stage.rawValue)")) { arguments throws(EvaluationError) in
        guard case .access(let check) = arguments[0] else { throw EvaluationError("no such overload") }
        return .access(check.changed(to: stage) { set(&$0, arguments[1].text) })
      }
    }
    func asked(of start: ValueType) -> Function {
      .member([start, .string], .decision) { arguments throws(EvaluationError) in
        guard case .access(let check) = arguments[0] else { throw EvaluationError("no such overload") }
        return .decision(check.decide(check.changed(to: check.stage) { $0.verb = arguments[1].text }.query))
      }
    }
    func told(_ type: ValueType, _ read: @escaping @Sendable (AccessDecision) -> Value) -> [Function] {
      [
        .member([.decision], type) { arguments throws(EvaluationError) in
          guard case .decision(let decision) = arguments[0] else { throw EvaluationError("no such overload") }
          return read(decision)
        }
      ]
    }
    let path = ValueType.named("authorization.PathCheck")
    let group = ValueType.named("authorization.GroupCheck")
    let resource = ValueType.named("authorization.ResourceCheck")
    return [
      "path": [step(from: .authorizer, to: .path) { $0.path = $1 }],
      "group": [step(from: .authorizer, to: .group) { $0.group = $1 }],
      "serviceAccount": [
        .member([.authorizer, .string, .string], .authorizer) { arguments throws(EvaluationError) in
          guard case .access(let check) = arguments[0] else { throw EvaluationError("no such overload") }
          let account = AccessQuery.ServiceAccount(namespace: arguments[1].text, name: arguments[2].text)
          return .access(check.changed(to: .authorizer) { $0.serviceAccount = account })
        }
      ],
      "resource": [step(from: group, to: .resource) { $0.resource = $1 }],
      "subresource": [step(from: resource, to: .resource) { $0.subresource = $1 }],
      "namespace": [step(from: resource, to: .resource) { $0.namespace = $1 }],
      "name": [step(from: resource, to: .resource) { $0.name = $1 }],
      // Roles know nothing of selectors, so they narrow nothing here.
      "fieldSelector": [step(from: resource, to: .resource) { _, _ in }],
      "labelSelector": [step(from: resource, to: .resource) { _, _ in }],
      "check": [asked(of: path), asked(of: resource)],
      "allowed": told(.bool) { .bool($0.isAllowed) },
      "reason": told(.string) { .string($0.reason) },
      "errored": told(.bool) { _ in .bool(false) },
      "error": told(.string) { _ in .string("") },
    ]
  }()
}
