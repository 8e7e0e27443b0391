import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Builds `meta.k8s.io` Tables: what `kubectl get` prints.
struct Table {
  /// How much of its object a row carries.
  enum Included: String {
    case none = "None"
    case metadata = "Metadata"
    case object = "Object"
  }

  let kind: Kind
  /// `v1` or `v1beta1`.
  let version: String
  let included: Included
  let now: Instant
  var columns: [Column]

  init(kind: Kind, version: String, included: Included, now: Instant) {
    self.kind = kind
    self.version = version
    self.included = included
    self.now = now
    columns = kind.columns.isEmpty ? Self.defaultColumns : kind.columns
  }

  /// - Parameter text: the parameter `includeObject`; "" stands for Metadata.
  /// - Throws: 400 for another word.
  static func included(_ text: String) throws(Status) -> Included {
    if text.isEmpty { return .metadata }
    guard let included = Included(rawValue: text) else {
      throw .badRequest(
        "Unable to convert to Table as requested: includeObject: Invalid value: \(Status.quoted(text)): "
          + "must be 'Metadata', 'Object', 'None', or empty")
    }
    return included
  }

  /// The Table of some objects.
  /// - Parameters:
  ///   - metadata: that of the list, or of the one object.
  ///   - withColumns: false for all events of a watch but the first.
  func json(_ objects: [JSON], metadata: JSON, withColumns: Bool = true) -> JSON {
    [
      "kind": "Table", "apiVersion": .string("meta.k8s.io/" + version), "metadata": metadata,
      "columnDefinitions": withColumns ? .array(columns.map(Self.definition)) : .null,
      "rows": .array(inOrder(objects).map(row)),
    ]
  }

  /// Flow schemas stand in the order in which they are tried, all else as it comes.
  private func inOrder(_ objects: [JSON]) -> [JSON] {
    guard kind.resource == Self.flowSchemas, objects.count > 1 else { return objects }
    func precedence(_ object: JSON) -> Int { object.at("spec", "matchingPrecedence")?.int ?? 0 }
    return objects.enumerated().sorted { left, right in
      (precedence(left.element), left.offset) < (precedence(right.element), right.offset)
    }.map(\.element)
  }

  private static let flowSchemas = GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas")
  private static let addresses = GroupResource("networking.k8s.io", "ipaddresses")

  /// The columns of `kubectl get --subresource=scale`, whatever the kind.
  static let scaleColumns = [
    Column(name: "Name", type: "string", format: "name", source: .path(["metadata", "name"])),
    Column(name: "Desired", type: "integer", source: .path(["spec", "replicas"]), fallback: 0),
    Column(name: "Available", type: "integer", source: .path(["status", "replicas"]), fallback: 0),
    Column(name: "Age", type: "string", source: .age(["metadata", "creationTimestamp"])),
  ]

  private static let defaultColumns = [
    Column(name: "Name", type: "string", format: "name", source: .path(["metadata", "name"])),
    Column(name: "Created At", type: "date", source: .path(["metadata", "creationTimestamp"])),
  ]

  private static func definition(_ column: Column) -> JSON {
    [
      "name": .string(column.name), "type": .string(column.type), "format": .string(column.format),
      "description": .string(column.description), "priority": column.isWide ? 1 : 0,
    ]
  }

  private func row(_ object: JSON) -> JSON {
    var row = Row(object: object, now: now)
    row.summarize(kind.resource)
    var cells = columns.map { cell($0, row) }
    // Stock fills in an age here that no column announces; clients that count on one cell a column skip it.
    if kind.resource == Self.addresses { cells.append(JSON(row.age(row.metadata["creationTimestamp"]))) }
    var result: JSON = ["cells": .array(cells)]
    switch included {
    case .none: result["object"] = .null
    case .object: result["object"] = object
    case .metadata: result["object"] = Self.partial(object, version: version)
    }
    if let condition = completed(row) { result["conditions"] = [condition] }
    return result
  }

  /// An object cut down to its metadata.
  static func partial(_ object: JSON, version: String) -> JSON {
    [
      "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/" + version),
      "metadata": object["metadata"] ?? .emptyObject,
    ]
  }

  private func cell(_ column: Column, _ row: Row) -> JSON {
    switch column.source {
    case .path(let keys):
      let value = Self.value(at: keys, in: row.object)
      return value == nil || value == .null || value == "" ? column.fallback : value ?? .null
    case .count(let keys):
      let value = Self.value(at: keys, in: row.object)
      return JSON(value?.array?.count ?? value?.object?.count ?? 0)
    case .age(let keys):
      let time = Self.value(at: keys, in: row.object)
      return time?.string == nil && column.fallback != "" ? column.fallback : JSON(row.age(time))
    case .computed(let name): return Cells.all[name]?(row) ?? .null
    case .jsonPath(let path): return custom(path, column, row)
    }
  }

  private static func value(at keys: [String], in object: JSON) -> JSON? {
    var value: JSON? = object
    for key in keys { value = value?[key] }
    return value
  }

  /// A column of a custom resource: nothing where the value is not of the column's type; dates show as ages.
  private func custom(_ path: JSONPath, _ column: Column, _ row: Row) -> JSON {
    guard let value = path.values(in: row.object)?.first, !value.isNull else { return .null }
    switch column.type {
    case "string": return .string(value.string ?? value.text)
    case "integer": return value.double.flatMap { Int64(exactly: $0.rounded(.towardZero)) }.map(JSON.int) ?? .null
    case "number": return value.double == nil ? .null : value
    case "boolean": return value.bool.map(JSON.bool) ?? .null
    case "date": return value.string.map { Instant(rfc3339: $0) == nil ? "<invalid>" : JSON(row.age(value)) } ?? .null
    default: return .null
    }
  }

  /// Pods that are done say so, for printers to strike them out.
  private func completed(_ row: Row) -> JSON? {
    guard kind.resource == Row.pods else { return nil }
    let phase = row.status.text("phase")
    let messages = ["Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."]
    return messages[phase].map {
      ["type": "Completed", "status": "True", "reason": .string(phase), "message": .string($0)]
    }
  }
}
