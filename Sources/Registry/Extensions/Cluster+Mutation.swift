import Expressions
import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Lets policies and webhooks change the object; those that want to see what others did after them are asked once more.
  func mutate(_ object: inout JSON, old: JSON?, _ context: inout WriteContext) async throws(Status) {
    guard let extenders = context.extenders, !extenders.mutators.isEmpty else { return }
    var current: JSON? = object
    var due = Array(extenders.mutators.indices)
    for round in 0...1 {
      var invoked: [Int] = []
      var outdated = Set<Int>()
      for index in due {
        let before = current
        try await mutate(&current, by: extenders.mutators[index], old: old, &context, extenders)
        if current != before { outdated.formUnion(invoked) }
        if extenders.mutators[index].isReinvoked { invoked.append(index) }
      }
      guard round == 0, let changed = current, changed != object else { break }
      object = changed
      // What the server itself adds may be due for what is new.
      try admit(&object, old: old, &context)
      due = object == changed ? outdated.sorted() : invoked
      current = object
    }
    if let current { object = current }
  }

  private func mutate(
    _ object: inout JSON?, by mutator: Extenders.Mutator, old: JSON?, _ context: inout WriteContext,
    _ extenders: Extenders
  ) async throws(Status) {
    switch mutator {
    case .webhook(let webhook): try await mutate(&object, by: webhook, old: old, &context, extenders)
    case .policy(let policy): try mutate(&object, by: policy, old: old, &context, extenders)
    }
  }

  private func mutate(
    _ object: inout JSON?, by policy: MutatingPolicy, old: JSON?, _ context: inout WriteContext,
    _ extenders: Extenders
  ) throws(Status) {
    guard let before = object, context.view == nil else { return }
    let scope = policy.scope
    let request = try context.request(before, old: old)
    guard let kind = scope.match.kind(of: request, extenders.equivalents, context.snapshot) else { return }
    let params: Kind?
    do throws(PolicyFault) {
      params = try paramKind(scope)
    } catch {
      return try Self.refuse(scope, nil, "failed to configure policy: \(error.message)", context)
    }
    let namespace = Self.namespaceObject(request, context.snapshot)
    for binding in scope.bindings
    where binding.match.kind(of: request, extenders.equivalents, context.snapshot) != nil {
      do throws(PolicyFault) {
        let found = try parameters(params, binding.parameters, request.namespace, context.snapshot)
        for params in found {
          var latest = request
          latest.object = object
          let seen = try converted(latest, to: kind)
          guard let start = seen.object else { continue }
          var facts = PolicyFacts(
            seen, as: kind, params: params, namespace: namespace, policy.expressions.definitions,
            authorizer: accessCheck(request))
          let mutated = try policy.mutated(start, &facts, kind.schema)
          if mutated != start { object = try completed(mutated, as: kind, context.kind) }
        }
      } catch {
        try Self.refuse(scope, binding.name, error.message, context)
      }
    }
  }

  /// - Throws: unless the policy lets pass what it cannot change.
  private static func refuse(
    _ scope: PolicyScope, _ binding: String?, _ why: String, _ context: WriteContext
  ) throws(Status) {
    guard scope.isStrict else { return }
    let place = binding.map { " with binding '\($0)'" } ?? ""
    throw refusal("", "policy '\(scope.name)'\(place) denied request: \(why)", context)
  }

  /// A changed object as the server would have read it from a client: fields that nobody knows are dropped, defaults set.
  func completed(_ changed: JSON, as seen: Kind, _ kind: Kind) throws(PolicyFault) -> JSON {
    var unknown: [String] = []
    let decoded: JSON
    do { decoded = try seen.decode(changed, unknown: &unknown) } catch { throw PolicyFault("\(error)") }
    if seen === kind { return decoded }
    do throws(Status) { return try presented(decoded, as: kind) } catch { throw PolicyFault(error.message) }
  }
}
