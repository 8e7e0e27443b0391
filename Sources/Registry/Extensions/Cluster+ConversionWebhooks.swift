import JSONCore
import Objects
import Schemas

/// Custom resources whose versions differ in more than their names: the webhook of their definition turns one into another.
extension Cluster {
  /// Whether only the webhook can tell what an object of another version is as this kind.
  func needsWebhook(_ json: JSON, _ kind: Kind) -> Bool {
    kind.convertsByWebhook && json.text("apiVersion") != kind.apiVersion
  }

  /// As `presented`, and by the webhook where that takes one.
  /// - Throws: 500 when it cannot be asked or says no.
  public func shown(_ object: Object, as kind: Kind) async throws(Status) -> Object {
    if !kind.convertsByWebhook { return try presented(object, as: kind) }
    return try await shown([object], as: kind)[0]
  }

  /// The same for many objects, with one call.
  public func shown(_ objects: [Object], as kind: Kind) async throws(Status) -> [Object] {
    let converted = try await shown(objects.map(\.json), as: kind)
    return zip(objects, converted).map { Object(key: $0.key, revision: $0.revision, blob: $1.blob) }
  }

  func shown(_ objects: [JSON], as kind: Kind) async throws(Status) -> [JSON] {
    var result = objects
    let foreign = objects.indices.filter { needsWebhook(objects[$0], kind) }
    if !foreign.isEmpty {
      let converted = try await converted(foreign.map { objects[$0] }, to: kind)
      for (index, object) in zip(foreign, converted) { result[index] = object }
    }
    for index in result.indices { kind.applyDefaults(&result[index]) }
    return result
  }

  /// As `stored(_:from:)`, and by the webhook where that takes one.
  func kept(_ json: JSON, from kind: Kind) async throws(Status) -> JSON {
    guard kind.convertsByWebhook else { return try stored(json, from: kind) }
    guard let target = catalog.kind(kind.storedResource) else { throw .noSuchPath }
    if !needsWebhook(json, target) { return json }
    return try await converted([json], to: target)[0]
  }

  /// The object that validation looks at: that of the request where versions differ.
  func judged(_ json: JSON, from kind: Kind) throws(Status) -> JSON {
    kind.convertsByWebhook ? json : try stored(json, from: kind)
  }

  private func converted(_ objects: [JSON], to kind: Kind) async throws(Status) -> [JSON] {
    guard let webhook = kind.custom?.conversion else { return objects }
    let uid = names.uid()
    let question = ConversionReview.question(objects, webhook, to: kind.apiVersion, uid: uid)
    let why: String
    do throws(WebhookFailure) {
      let answer = try await answer(
        of: WebhookAddress(webhook["clientConfig"] ?? .emptyObject), to: question, timeout: .seconds(30))
      do throws(ConversionReview.Fault) {
        return try ConversionReview.objects(answer, for: objects, as: kind.apiVersion, uid: uid)
      } catch {
        why = error.message
      }
    } catch {
      why = error.message
    }
    let version = objects.first?.text("apiVersion") ?? ""
    throw Status(
      code: 500, reason: "", message: "conversion webhook for \(version), Kind=\(kind.name) failed: \(why)")
  }
}

/// The conversation with a conversion webhook, as plain functions (`ConversionReview` of apiextensions.k8s.io).
enum ConversionReview {
  struct Fault: Error {
    let message: String
  }

  /// - Parameter webhook: of the definition: its address and the versions of reviews that it knows.
  static func question(_ objects: [JSON], _ webhook: JSON, to version: String, uid: String) -> JSON {
    let known = webhook.list("conversionReviewVersions").compactMap(\.string).first { $0 == "v1" || $0 == "v1beta1" }
    return [
      "apiVersion": .string("apiextensions.k8s.io/\(known ?? "v1")"), "kind": "ConversionReview",
      "request": ["uid": .string(uid), "desiredAPIVersion": .string(version), "objects": .array(objects)],
    ]
  }

  /// The converted objects; of their metadata only labels and annotations may differ.
  static func objects(
    _ answer: JSON, for sent: [JSON], as version: String, uid: String
  ) throws(Fault) -> [JSON] {
    guard let response = answer["response"], response.object != nil else {
      throw Fault(message: "no response provided")
    }
    guard response.text("uid") == uid else {
      throw Fault(message: "expected response.uid=\(Status.quoted(uid)), got \(Status.quoted(response.text("uid")))")
    }
    guard response.at("result", "status") == "Success" else {
      let message = response["result"]?.text("message") ?? ""
      throw Fault(message: message.isEmpty ? "without explanation" : message)
    }
    let converted = response.list("convertedObjects")
    guard converted.count == sent.count else {
      throw Fault(message: "webhook returned \(converted.count) objects, expected \(sent.count)")
    }
    var result: [JSON] = []
    for (index, (old, new)) in zip(sent, converted).enumerated() {
      let place = "invalid converted object at index \(index)"
      guard new.text("apiVersion") == version else {
        throw Fault(message: "\(place): invalid groupVersion, got: \(new.text("apiVersion")), expected: \(version)")
      }
      guard new.text("kind") == old.text("kind") else {
        throw Fault(message: "\(place): invalid kind, got: \(new.text("kind")), expected: \(old.text("kind"))")
      }
      result.append(try restored(new, old, place))
    }
    return result
  }

  private static func restored(_ new: JSON, _ old: JSON, _ place: String) throws(Fault) -> JSON {
    var metadata = old["metadata"] ?? .emptyObject
    for field in ["name", "namespace", "uid"] where new["metadata"]?[field] != metadata[field] {
      throw Fault(message: "\(place): invalid metadata.\(field): must not be changed")
    }
    for field in ["labels", "annotations"] { metadata[field] = new["metadata"]?[field] }
    var result = new
    result["metadata"] = metadata
    return result
  }
}

extension Kind {
  /// Whether its versions differ, and only a webhook can tell how.
  var convertsByWebhook: Bool { custom?.conversion != nil }
}
