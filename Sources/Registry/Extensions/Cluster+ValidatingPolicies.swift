import Expressions
import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Asks the ValidatingAdmissionPolicies.
  /// - Throws: for the first refusal.
  func judge(_ object: JSON?, old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard let extenders = context.extenders, !extenders.policies.isEmpty else { return }
    let request = try context.request(object, old: old)
    let equivalents = extenders.equivalents
    var refusals: [(reason: String, message: String)] = []
    for policy in extenders.policies {
      guard let kind = policy.scope.match.kind(of: request, equivalents, context.snapshot) else { continue }
      do throws(PolicyFault) {
        let params = try paramKind(policy.scope)
        let seen = try converted(request, to: kind)
        for binding in policy.scope.bindings {
          guard binding.match.kind(of: request, equivalents, context.snapshot) != nil else { continue }
          let found = judge(seen, as: kind, policy, binding, params, &context)
          refusals += found
        }
      } catch {
        guard policy.scope.isStrict else { continue }
        let message = "failed to configure policy: \(error.message)"
        refusals.append(("", "ValidatingAdmissionPolicy '\(policy.scope.name)' denied request: \(message)"))
      }
    }
    if let first = refusals.first { throw Self.refusal(first.reason, first.message, context) }
  }

  /// What a policy, bound so, has against the request.
  private func judge(
    _ request: AdmissionRequest, as kind: Kind, _ policy: ValidatingPolicy, _ binding: PolicyBinding, _ params: Kind?,
    _ context: inout WriteContext
  ) -> [(reason: String, message: String)] {
    let name = "'\(policy.scope.name)' with binding '\(binding.name)'"
    var refusals: [(reason: String, message: String)] = []
    func refuse(_ reason: String, _ message: String) {
      refusals.append((reason, "ValidatingAdmissionPolicy \(name) denied request: \(message)"))
    }
    let namespace = Self.namespaceObject(request, context.snapshot)
    do throws(PolicyFault) {
      for params in try parameters(params, binding.parameters, request.namespace, context.snapshot) {
        var facts = PolicyFacts(
          request, as: kind, params: params, namespace: namespace, policy.expressions.definitions,
          authorizer: accessCheck(request))
        let verdict = policy.judge(&facts)
        for fault in verdict.faults {
          for action in binding.actions {
            switch action {
            case "Deny": refuse(fault.reason, fault.message)
            case "Warn":
              context.warnings.append("Validation failed for ValidatingAdmissionPolicy \(name): \(fault.message)")
            default: note(fault, policy, binding, context)
            }
          }
        }
        for error in verdict.errors { refuse("", error.message) }
        for (key, value) in verdict.notes { context.notes?.add("\(policy.scope.name)/\(key)", value) }
      }
    } catch {
      if policy.scope.isStrict { refuse("", "failed to configure binding: \(error.message)") }
    }
    return refusals
  }

  /// What the audit log is told of a failed validation.
  private func note(
    _ fault: ValidatingPolicy.Verdict.Fault, _ policy: ValidatingPolicy, _ binding: PolicyBinding,
    _ context: WriteContext
  ) {
    let failure: JSON = [
      "message": .string(fault.message), "policy": .string(policy.scope.name), "binding": .string(binding.name),
      "expressionIndex": JSON(fault.index), "validationActions": JSON(binding.actions),
    ]
    context.notes?.add("validation.policy.admission.k8s.io/validation_failure", "[\(failure.text)]")
  }

  private static let codes = ["Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413]

  static func refusal(_ reason: String, _ message: String, _ context: WriteContext) -> Status {
    var status = context.forbidden(message)
    status.reason = reason.isEmpty ? "Invalid" : reason
    status.code = codes[reason] ?? 422
    status.details?.causes.append(Status.Cause(reason: "", message: message))
    return status
  }
}

// MARK: - what policies of both sorts see

extension Cluster {
  /// The kinds that have the same objects as this one, itself first.
  func equivalents(of kind: Kind) -> [Kind] {
    [kind] + catalog.kinds.filter { $0 !== kind && $0.storedResource == kind.storedResource }
  }

  /// The request with its objects in another version.
  func converted(_ request: AdmissionRequest, to kind: Kind) throws(PolicyFault) -> AdmissionRequest {
    if kind === request.kind || request.objectKind.group != kind.group && request.objectKind.kind != kind.name {
      return request
    }
    var result = request
    do throws(Status) {
      result.object = try request.object.map { (object) throws(Status) in try converted(object, to: kind) }
      result.old = try request.old.map { (object) throws(Status) in try converted(object, to: kind) }
    } catch {
      throw PolicyFault(error.message)
    }
    return result
  }

  private func converted(_ object: JSON, to kind: Kind) throws(Status) -> JSON {
    try presented(object, as: kind)
  }

  /// The namespace that the request's object is in, as expressions may see it.
  static func namespaceObject(_ request: AdmissionRequest, _ snapshot: Snapshot) -> JSON? {
    guard request.kind.isNamespaced, let namespace = snapshot[Key(.namespaces, name: request.namespace)]?.json else {
      return nil
    }
    var metadata = namespace["metadata"] ?? .emptyObject
    for field in ["managedFields", "ownerReferences", "uid"] { metadata[field] = nil }
    metadata["UID"] = namespace["metadata"]?["uid"]
    return [
      "metadata": metadata, "spec": namespace["spec"] ?? .emptyObject, "status": namespace["status"] ?? .emptyObject,
    ]
  }

  /// `authorizer`: asks the roles of today.
  func accessCheck(_ request: AdmissionRequest) -> AccessCheck {
    var own = AccessQuery()
    own.group = request.kind.group
    own.resource = request.kind.resource.resource
    own.subresource = request.subresource
    own.namespace = request.namespace
    own.name = request.name
    return AccessCheck(request: own) { [authorizer, caller = request.caller] query in
      var caller = caller
      if let account = query.serviceAccount {
        caller = Caller(
          name: "system:serviceaccount:\(account.namespace):\(account.name)",
          groups: [
            "system:serviceaccounts", "system:serviceaccounts:\(account.namespace)", "system:authenticated",
          ])
      }
      let attributes =
        if let path = query.path {
          Attributes(caller: caller, verb: query.verb, path: path)
        } else {
          Attributes(
            caller: caller, verb: query.verb, group: query.group, resource: query.resource,
            subresource: query.subresource, namespace: query.namespace, name: query.name)
        }
      let decision = authorizer.decide(attributes)
      return AccessDecision(isAllowed: decision.isAllowed, reason: decision.reason)
    }
  }
}
