import Expressions
import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Whether the webhook is to be asked, and about which kind.
  /// - Throws: where its conditions have no value, or a dry run would have effects.
  private func concerned(
    _ webhook: Webhook, _ request: AdmissionRequest, _ context: WriteContext, _ extenders: Extenders
  ) throws(Status) -> Kind? {
    guard let kind = webhook.match.kind(of: request, extenders.equivalents, context.snapshot) else { return nil }
    if !webhook.expressions.matchConditions.isEmpty {
      var facts = PolicyFacts(
        request, as: kind, params: nil, namespace: nil, .none, authorizer: accessCheck(request))
      do throws(PolicyFault) {
        guard try facts.fulfil(webhook.expressions.matchConditions) else { return nil }
      } catch {
        guard webhook.isStrict else { return nil }
        throw context.forbidden(error.message)
      }
    }
    if request.isDryRun, webhook.hasSideEffects {
      throw .badRequest("admission webhook \(Status.quoted(webhook.name)) does not support dry run")
    }
    return kind
  }

  /// Asks one webhook.
  /// - Returns: nil where it cannot be asked, and does not insist on it.
  /// - Throws: 500 where it does; its refusal stands in the answer.
  private func ask(
    _ webhook: Webhook, _ request: AdmissionRequest, as kind: Kind, mutates: Bool
  ) async throws(Status) -> AdmissionReview.Answer? {
    let uid = names.uid()
    let seen: AdmissionRequest
    do { seen = try converted(request, to: kind) } catch { throw .internalError(error.message) }
    let question = AdmissionReview.question(seen, as: kind, webhook.reviewVersion, uid: uid)
    let why: String
    do throws(WebhookFailure) {
      let reply = try await answer(of: webhook.address, to: question, timeout: webhook.timeout)
      do throws(AdmissionReview.Fault) {
        return try AdmissionReview.answer(reply, to: uid, webhook, mutates: mutates)
      } catch {
        why = "received invalid webhook response: \(error.message)"
      }
    } catch {
      why = "failed to call webhook: \(error.message)"
    }
    if webhook.isStrict { throw webhook.failure(why) }
    return nil
  }

  private static func take(_ answer: AdmissionReview.Answer, _ context: inout WriteContext) throws(Status) {
    context.warnings += answer.warnings
    for (key, value) in answer.notes { context.notes?.add(key, value) }
    if let refusal = answer.refusal { throw refusal }
  }

  /// Asks a mutating webhook, and makes the changes that it wants.
  func mutate(
    _ object: inout JSON?, by webhook: Webhook, old: JSON?, _ context: inout WriteContext, _ extenders: Extenders
  ) async throws(Status) {
    let request = try context.request(object, old: old)
    guard let kind = try concerned(webhook, request, context, extenders),
      let answer = try await ask(webhook, request, as: kind, mutates: true)
    else { return }
    try Self.take(answer, &context)
    guard let patch = answer.patch, patch.array?.isEmpty != true else { return }
    guard object != nil, context.view == nil else {
      throw .internalError(
        "admission webhook \(Status.quoted(webhook.name)) attempted to modify the object, which is not supported for this "
          + "operation")
    }
    do throws(PolicyFault) {
      guard let seen = try converted(request, to: kind).object else { return }
      object = try completed(try MutatingPolicy.patched(seen, patch), as: kind, context.kind)
    } catch {
      throw .internalError(error.message)
    }
  }

  /// Asks all validating webhooks, one after the other.
  /// - Throws: the first refusal, in the order of the webhooks.
  func askWebhooks(_ object: JSON?, old: JSON?, _ context: inout WriteContext) async throws(Status) {
    guard let extenders = context.extenders, !extenders.webhooks.isEmpty else { return }
    let request = try context.request(object, old: old)
    var asked: [(webhook: Webhook, kind: Kind)] = []
    for webhook in extenders.webhooks {
      if let kind = try concerned(webhook, request, context, extenders) { asked.append((webhook, kind)) }
    }
    if asked.isEmpty { return }
    var refusal: Status?
    for (webhook, kind) in asked {
      do throws(Status) {
        guard let answer = try await ask(webhook, request, as: kind, mutates: false) else { continue }
        try Self.take(answer, &context)
      } catch {
        refusal = refusal ?? error
      }
    }
    if let refusal { throw refusal }
  }
}
