import JSONCore
import Objects
import Schemas

/// What a change may not touch, and what the server counts.
extension Cluster {
  /// A main update keeps the stored status; a subresource changes its own part alone.
  func keepForeignParts(_ object: inout JSON, old: JSON, _ context: WriteContext) {
    switch context.subresource {
    case nil:
      if context.kind.hasStatus { object.copy("status", from: old) }
    case "status":
      var result = old
      result.copy("status", from: object)
      result["metadata"] = object["metadata"]
      if context.kind.isCustom { result["metadata"] = Self.managed(old["metadata"], by: object["metadata"]) }
      if context.strategy.keepsLabelsOnStatus {
        result["metadata", default: .emptyObject]["labels"] = old["metadata"]?["labels"]
      }
      object = result
    default:
      // The rules of the kind say what else of the old object gives way.
      var result = old
      if object["spec"] != nil { result.copy("spec", from: object) }
      result["metadata"] = Self.managed(old["metadata"], by: object["metadata"])
      if context.subresource == "approval" {
        result.copy("spec", from: old)
        result.copy("status", from: object)
        result["metadata"] = object["metadata"]
      }
      object = result
    }
  }

  /// The old metadata with the new record of who owns which fields.
  private static func managed(_ old: JSON?, by new: JSON?) -> JSON {
    var metadata = old ?? .emptyObject
    metadata["managedFields"] = new?["managedFields"]
    return metadata
  }

  /// Fields of the server that a client left out count as unchanged; if it changed them, validation says so.
  func keepServerMetadata(_ object: inout JSON, old: JSON) {
    let stored = old["metadata"] ?? .emptyObject
    object["metadata", default: .emptyObject].edit { metadata in
      for field in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        if metadata[field] == nil || metadata[field] == .null || metadata[field] == "" {
          metadata[field] = stored[field]
        }
      }
      metadata["generation"] = stored["generation"]
      metadata["selfLink"] = nil
    }
  }

  func countGeneration(_ object: inout JSON, old: JSON, _ context: WriteContext) {
    guard context.subresource != "status", context.subresource != "approval" else { return }
    let isChanged: Bool
    switch context.strategy.generation {
    case .none, .constant: return
    case .counted, .countedFromChange: isChanged = !Self.isSameContent(object, old, context.kind)
    case .countedWithAnnotations:
      isChanged =
        !Self.isSameContent(object, old, context.kind)
        || object["metadata"]?["annotations"] != old["metadata"]?["annotations"]
    }
    if isChanged { Self.advanceGeneration(&object) }
  }

  /// One more, for objects that count at all.
  static func advanceGeneration(_ object: inout JSON) {
    let generation = object["metadata"]?["generation"]?.int ?? 0
    object["metadata", default: .emptyObject]["generation"] = JSON(generation == .max ? generation : generation + 1)
  }

  /// Whether nothing but metadata and status differs; a status without a subresource is content like any other.
  private static func isSameContent(_ left: JSON, _ right: JSON, _ kind: Kind) -> Bool {
    guard let left = left.object, let right = right.object else { return left == right }
    let countsStatus = kind.isCustom && !kind.hasStatus
    return isSameContent(of: left.allKeys, left, right, countsStatus)
      && isSameContent(of: right.allKeys, left, right, countsStatus)
  }

  private static func isSameContent(of keys: [String], _ left: Members, _ right: Members, _ countsStatus: Bool) -> Bool
  {
    keys.allSatisfy { key in
      switch key {
      case "apiVersion", "kind", "metadata": true
      case "status" where !countsStatus: true
      default: left.hasSame(key, as: right)
      }
    }
  }
}
