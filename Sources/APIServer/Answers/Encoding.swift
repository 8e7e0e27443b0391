import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Turns what the verbs give into bodies.
struct Encoding {
  let representation: Representation
  let kind: Kind
  /// What a Table needs to know of the request.
  let includeObject: String
  private let cluster: Cluster

  init(_ representation: Representation, _ kind: Kind, _ call: Call, _ cluster: Cluster) {
    self.representation = representation
    self.kind = kind
    self.cluster = cluster
    includeObject = call.query.text("includeObject")
  }

  /// More objects than this are not encoded anew where other requests wait.
  private static let quickCount = 50

  /// Whether the list takes long: each of its objects is read and written again.
  func isSlow(for list: ObjectList) -> Bool { !representation.isPlain && list.objects.count > Self.quickCount }

  /// One object: its stored bytes where they are what was asked for.
  func body(_ object: Object) throws(Status) -> Body {
    if representation.isPlain { return .chunks([object.blob, Self.newLine]) }
    switch (representation.shape, representation.format) {
    // By its own kind, which a subresource may have (Scale).
    case (.whole, .protobuf): return .blob(try Self.protobuf(object))
    case (.whole, _): return try body(object.json)
    case (.partial(let version), .protobuf):
      return .blob(try Self.protobuf(object.blob, as: PartialObjects(version: version).type))
    case (.partial(let version), _): return try body(Table.partial(object.json, version: version))
    case (.table(let version), _):
      let json = object.json
      let table = try table(version)
      return try body(table.json([json], metadata: ["resourceVersion": .string(String(object.revision))]))
    }
  }

  func body(_ list: ObjectList) throws(Status) -> Body {
    switch (representation.shape, representation.format) {
    case (.whole, .json) where representation.isPlain: return .chunks(plain(list))
    case (.whole, .protobuf):
      let type = GroupVersionKind(group: kind.group, version: kind.version, kind: kind.listName)
      return Self.protobuf(list, as: type, kind.schema)
    case (.whole, _):
      let items = list.objects.map { kind.isCustom ? $0.json : $0.json.untyped }
      return try body(
        [
          "kind": .string(kind.listName), "apiVersion": .string(kind.apiVersion), "metadata": metadata(of: list),
          "items": .array(items),
        ])
    case (.partial(let version), .protobuf):
      let objects = PartialObjects(version: version)
      return Self.protobuf(list, as: objects.listType, try Self.schema(of: objects.type))
    case (.partial(let version), .json) where !representation.isPretty:
      return .chunks(PartialObjects(version: version).list(list))
    case (.partial(let version), _):
      return try body([
        "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/" + version),
        "metadata": list.metadata, "items": .array(list.objects.map { Table.partial($0.json, version: version) }),
      ])
    case (.table(let version), _):
      return try body(table(version).json(list.objects.map(\.json), metadata: list.metadata))
    }
  }

  /// Some other object: a Status, a Scale, a review.
  func body(_ json: JSON) throws(Status) -> Body {
    try Self.body(json, representation.format, isPretty: representation.isPretty)
  }

  /// - Throws: 406 for what has no protobuf form.
  static func body(_ json: JSON, _ format: Representation.Format, isPretty: Bool = false) throws(Status) -> Body {
    switch format {
    case .json: .blob(blob(json, isPretty: isPretty))
    case .yaml: .blob(Blob(YAML.text(of: json)))
    case .protobuf: .blob(try protobuf(json))
    }
  }

  /// A Table whose ages count to now: for a watch that is when the event comes.
  func table(_ version: String) throws(Status) -> Table {
    Table(kind: kind, version: version, included: try Table.included(includeObject), now: cluster.now)
  }

  static let newLine = Blob("\n")

  static func blob(_ json: JSON, isPretty: Bool = false) -> Blob {
    var buffer = ByteBuffer(capacity: 1024)
    if isPretty { json.writePretty(to: &buffer) } else { json.write(to: &buffer) }
    buffer.append("\n")
    return buffer.blob()
  }

  /// The list's head, the objects between commas, and its end; nothing is copied or encoded anew.
  private func plain(_ list: ObjectList) -> [Blob] {
    var head = ByteBuffer(capacity: 160)
    head.append("{\"kind\":")
    JSON.write(kind.listName, to: &head)
    head.append(",\"apiVersion\":")
    JSON.write(kind.apiVersion, to: &head)
    head.append(",\"metadata\":")
    metadata(of: list).write(to: &head)
    head.append(",\"items\":[")
    var chunks: [Blob] = []
    chunks.reserveCapacity(list.objects.count * 3 + 2)
    chunks.append(head.blob())
    let item = StoredItem(kind)
    for (index, object) in list.objects.enumerated() {
      if index > 0 { chunks.append(Self.comma) }
      if kind.isCustom { chunks.append(object.blob) } else { item.append(object.blob, to: &chunks) }
    }
    chunks.append(Self.listEnd)
    return chunks
  }

  /// Lists of custom resources say that they do not go on, where others say nothing.
  private func metadata(of list: ObjectList) -> JSON {
    var metadata = list.metadata
    if kind.isCustom, metadata["continue"] == nil { metadata["continue"] = "" }
    return metadata
  }

  private static let comma = Blob(",")
  private static let listEnd = Blob("]}\n")
}

extension ObjectList {
  /// The `metadata` of the list.
  var metadata: JSON {
    var metadata: JSON = ["resourceVersion": .string(String(revision))]
    if let continueToken { metadata["continue"] = .string(continueToken) }
    if let remainingItemCount { metadata["remainingItemCount"] = JSON(remainingItemCount) }
    return metadata
  }
}

extension JSON {
  /// Without `apiVersion` and `kind`.
  fileprivate var untyped: JSON {
    var result = self
    result["apiVersion"] = nil
    result["kind"] = nil
    return result
  }
}
