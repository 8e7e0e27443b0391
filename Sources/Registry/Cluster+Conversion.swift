import JSONCore
import Objects
import Schemas

/// Objects are stored in one version and shown in others.
extension Cluster {
  /// A stored object as its `kind` shows it; the same object for kinds that are stored as they are.
  /// - Throws: 500 when it cannot be converted.
  public func presented(_ object: Object, as kind: Kind) throws(Status) -> Object {
    if !converts(kind) { return object }
    if isCurrent(object, as: kind) { return object }
    let json = try presented(object.json, as: kind)
    return Object(key: object.key, revision: object.revision, blob: json.blob)
  }

  /// Whether a custom resource is stored as its definition wants it: it was stored since that last changed.
  func isCurrent(_ object: Object, as kind: Kind) -> Bool {
    guard let custom = kind.custom, custom.isStorage, object.revision > custom.revision else { return false }
    // Deletions leave such objects in the version that they had.
    return custom.conversion == nil || object.json.text("apiVersion") == kind.apiVersion
  }

  /// Whether `presented` has anything to do for this kind: watches of it convert each event.
  public func converts(_ kind: Kind) -> Bool { kind.isCustom || !kind.isStored }

  func presented(_ json: JSON, as kind: Kind) throws(Status) -> JSON {
    if !converts(kind) { return json }
    try Self.checkConversion(json, to: kind)
    var result = Conversion.convert(json, to: kind)
    // Defaults of custom resources count from the day they are in the definition, for what is stored already too.
    if kind.isCustom { kind.applyDefaults(&result) }
    return result
  }

  func stored(_ json: JSON, from kind: Kind) throws(Status) -> JSON {
    if kind.isStored && !kind.isCustom { return json }
    guard let target = catalog.kind(kind.storedResource) else {
      // The definition may have gone meanwhile.
      throw kind.isCustom ? .noSuchPath : .internalError("\(kind.storedResource) has no stored version")
    }
    if target === kind || kind.custom?.isStorage == true { return json }
    try Self.checkConversion(json, to: target)
    var result = Conversion.convert(json, to: target)
    // What the other version cannot say gets the default of the stored one.
    if !kind.isCustom { target.applyDefaults(&result) }
    return result
  }

  /// Where a webhook converts, the fields of the versions differ, and the name of the version alone must not change. Those
  /// who cannot wait for a webhook get no further here; the others take `shown` and `kept`.
  private static func checkConversion(_ json: JSON, to kind: Kind) throws(Status) {
    guard kind.convertsByWebhook, json.text("apiVersion") != kind.apiVersion else { return }
    throw Status(
      code: 500, reason: "",
      message:
        "conversion webhook for \(json.text("apiVersion")), Kind=\(kind.name) failed: this request does not wait "
        + "for webhooks")
  }

  /// What became of a kind since somebody got hold of it.
  public enum Standing: Sendable {
    case unchanged, changed, gone
  }

  /// - Returns: always `unchanged` for kinds that are there without any definition.
  public func standing(of kind: Kind) -> Standing {
    guard let custom = kind.custom else { return .unchanged }
    let current = catalog.kind(group: kind.group, version: kind.version, resource: kind.resource.resource)
    guard let current = current?.custom else { return .gone }
    return current.definition == custom.definition ? .unchanged : .changed
  }
}
