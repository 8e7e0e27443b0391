import JSONCore
import Objects
import Schemas

/// Objects are stored in one version and shown in others.
extension Cluster {
  /// A stored object as its `kind` shows it; the same object for kinds that are stored as they are.
  /// - Throws: 500 when it cannot be converted.
  public func presented(_ object: Object, as kind: Kind) throws(Status) -> Object {
    if !converts(kind) { return object }
    // What was stored since the definition last changed is as the definition wants it.
    if let custom = kind.custom, custom.isStorage, object.revision > custom.revision { return object }
    let json = try presented(object.json, as: kind)
    return Object(key: object.key, revision: object.revision, blob: json.blob)
  }

  /// Whether `presented` has anything to do for this kind: watches of it convert each event.
  public func converts(_ kind: Kind) -> Bool { kind.isCustom || !kind.isStored }

  func presented(_ json: JSON, as kind: Kind) throws(Status) -> JSON {
    if !converts(kind) { return json }
    var result = Conversion.convert(json, to: kind)
    // Defaults of custom resources count from the day they are in the definition, for what is stored already too.
    if kind.isCustom { kind.applyDefaults(&result) }
    return result
  }

  func stored(_ json: JSON, from kind: Kind) throws(Status) -> JSON {
    if kind.isStored && !kind.isCustom { return json }
    guard let target = catalog.kind(kind.storedResource) else {
      throw .internalError("\(kind.storedResource) has no stored version")
    }
    if target === kind || kind.custom?.isStorage == true { return json }
    var result = Conversion.convert(json, to: target)
    // What the other version cannot say gets the default of the stored one.
    if !kind.isCustom { target.applyDefaults(&result) }
    return result
  }
}
