import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Turns events into the bytes of a watch.
struct WatchEncoder {
  let cluster: Cluster
  let encoding: Encoding
  /// Whether objects are stored as another version than this watch shows.
  private let converts: Bool
  /// The number under which an event keeps what this encoder makes of it, for others like it; nil where watchers differ.
  private let sharedNumber: Int?
  /// Whether no Table with columns has been sent yet.
  private var isFirst = true

  init(_ encoding: Encoding, _ cluster: Cluster) {
    self.encoding = encoding
    self.cluster = cluster
    converts = cluster.converts(encoding.kind)
    sharedNumber = converts ? nil : Self.sharedNumber(encoding.representation)
  }

  /// What became of the kind since the watch began.
  var standing: Cluster.Standing { cluster.standing(of: encoding.kind) }

  /// The pieces of one event; stored bytes stand among them uncopied.
  mutating func append(_ event: WatchEvent, to chunks: inout [Blob]) {
    guard let object = event.object else {
      return append("BOOKMARK", bookmark(event.revision, endsInitial: event.kind == .initialEventsEnd), to: &chunks)
    }
    let type = Self.type(event.kind)
    if encoding.representation.isPlain, !converts {
      chunks.append(Self.heads[type] ?? .empty)
      chunks.append(object.blob)
      chunks.append(Self.tail)
      return
    }
    if let sharedNumber {
      chunks.append(event.encoding(sharedNumber) { frame(type, object) })
      return
    }
    do throws(Status) {
      append(type, try cluster.presented(object, as: encoding.kind).json, to: &chunks)
    } catch {
      appendError(error, to: &chunks)
    }
  }

  private static func sharedNumber(_ representation: Representation) -> Int? {
    switch (representation.shape, representation.format) {
    case (.whole, .protobuf): 1
    case (.partial("v1"), .protobuf): 2
    case (.partial("v1"), .json) where !representation.isPretty: 3
    default: nil
    }
  }

  /// The object, or its metadata alone.
  private func reduced(_ object: JSON) -> JSON {
    if case .partial(let version) = encoding.representation.shape { return Table.partial(object, version: version) }
    return object
  }

  /// A bookmark between events.
  mutating func appendBookmark(_ revision: Int64, to chunks: inout [Blob]) {
    append("BOOKMARK", bookmark(revision, endsInitial: false), to: &chunks)
  }

  func appendError(_ status: Status, to chunks: inout [Blob]) {
    chunks.append(frame("ERROR", status.json))
  }

  private mutating func append(_ type: String, _ object: JSON, to chunks: inout [Blob]) {
    do throws(Status) {
      chunks.append(frame(type, try shaped(object)))
    } catch {
      appendError(error, to: &chunks)
    }
  }

  private mutating func shaped(_ object: JSON) throws(Status) -> JSON {
    guard case .table(let version) = encoding.representation.shape else { return reduced(object) }
    defer { isFirst = false }
    let revision = object["metadata"]?["resourceVersion"] ?? ""
    return try encoding.table(version).json(
      [object], metadata: ["resourceVersion": revision], withColumns: isFirst)
  }

  private func bookmark(_ revision: Int64, endsInitial: Bool) -> JSON {
    var metadata: JSON = ["resourceVersion": .string(String(revision)), "creationTimestamp": .null]
    if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    return [
      "kind": .string(encoding.kind.name), "apiVersion": .string(encoding.kind.apiVersion), "metadata": metadata,
    ]
  }

  /// The event of an object in one of the forms that are made from its stored bytes.
  private func frame(_ type: String, _ object: Object) -> Blob {
    switch (encoding.representation.shape, encoding.representation.format) {
    case (.partial(let version), .protobuf):
      return frame(type, object.blob, as: PartialObjects(version: version).type)
    case (.partial(let version), _):
      var chunks = [Self.heads[type] ?? .empty]
      PartialObjects(version: version).append(object, to: &chunks)
      chunks.append(Self.tail)
      var buffer = ByteBuffer(capacity: chunks.reduce(0) { $0 + $1.count })
      for chunk in chunks { buffer.append(chunk) }
      return buffer.blob()
    default: return frame(type, object.blob, as: encoding.kind.groupVersionKind)
    }
  }

  private func frame(_ type: String, _ object: JSON) -> Blob {
    if encoding.representation.format == .protobuf {
      let kind = GroupVersionKind(apiVersion: object.text("apiVersion"), kind: object.text("kind"))
      return frame(type, object.blob, as: kind)
    }
    return Encoding.blob(
      ["type": .string(type), "object": object], isPretty: false)
  }

  private func frame(_ type: String, _ object: Blob, as kind: GroupVersionKind) -> Blob {
    guard let schema = cluster.catalog.schema(of: kind) else { return .empty }
    return ProtobufCodec.encodeWatchFrame(type, object, as: kind, schema: schema)
  }

  private static func type(_ kind: WatchEvent.Kind) -> String {
    switch kind {
    case .added: "ADDED"
    case .modified: "MODIFIED"
    case .deleted: "DELETED"
    case .bookmark, .initialEventsEnd: "BOOKMARK"
    }
  }

  private static let heads: [String: Blob] = Dictionary(
    uniqueKeysWithValues: ["ADDED", "MODIFIED", "DELETED"].map { ($0, Blob("{\"type\":\"\($0)\",\"object\":")) })
  private static let tail = Blob("}\n")
}
