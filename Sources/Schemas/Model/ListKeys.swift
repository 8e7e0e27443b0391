import JSONCore

/// The fields that tell the items of a list apart.
public final class ListKeys: Sendable {
  /// In the order of the schema.
  public let names: [String]
  private let keys: [Key]
  private let schema: ObjectSchema?

  private struct Key {
    let name: String
    /// The name as it stands in a path element: `"name":`
    let label: [UInt8]
  }

  init(_ names: [String], of schema: ObjectSchema?) {
    self.names = names
    self.schema = schema
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    keys = sorted.map { Key(name: $0, label: Array(JSON.string($0).text.utf8) + [UInt8(ascii: ":")]) }
  }

  /// Writes the path element of an item: `k:{"name":"web"}`.
  /// - Returns: false for an item that has no key, of which nothing is written.
  func write(elementOf item: JSON, to writer: inout Writer) -> Bool {
    guard case .object(let members) = item else { return false }
    let start = writer.count
    for key in keys {
      guard let value = members[key.name] ?? fallback(key.name) else { continue }
      writer.put(literal: writer.count == start ? "k:{" : ",")
      key.label.withUnsafeBufferPointer { writer.copy($0) }
      writer.put(value)
    }
    if writer.count == start { return false }
    writer.put(UInt8(ascii: "}"))
    return true
  }

  /// What counts where an item leaves a key out.
  private func fallback(_ name: String) -> JSON? {
    guard let schema, let field = schema.field(name) else { return nil }
    // The server fills these in before it looks at the keys; the schema has them as conditional defaults.
    if name == "protocol", schema.goName == "ContainerPort" || schema.goName == "ServicePort" { return "TCP" }
    return field.defaultValue ?? (field.zero == .show ? field.type.zeroValue : nil)
  }
}

extension MergeShape {
  /// Writes the path element of an item of a list of this shape.
  /// - Returns: false for an item that has none, of which nothing is written.
  public func write(elementOf item: JSON, to writer: inout Writer) -> Bool {
    switch self {
    case .set:
      switch item {
      case .object, .array, .null: return false
      default:
        writer.put(literal: "v:")
        writer.put(item)
        return true
      }
    case .keyed(_, let keys): return keys.write(elementOf: item, to: &writer)
    default: return false
    }
  }

  /// The path element of an item of a list of this shape; nil for an item that has none.
  public func pathElement(of item: JSON) -> String? {
    var writer = Writer(capacity: 64)
    return write(elementOf: item, to: &writer) ? String(decoding: writer.bytes, as: UTF8.self) : nil
  }
}
