import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Objects cut down to their metadata: a piece of each one's stored bytes, with a few around it.
struct PartialObjects {
  /// Of meta.k8s.io.
  let version: String
  private let head: Blob

  init(version: String) {
    self.version = version
    head = Blob("{\"apiVersion\":\"meta.k8s.io/\(version)\",\"kind\":\"PartialObjectMetadata\",\"metadata\":")
  }

  var type: GroupVersionKind { GroupVersionKind(group: "meta.k8s.io", version: version, kind: "PartialObjectMetadata") }

  var listType: GroupVersionKind {
    GroupVersionKind(group: "meta.k8s.io", version: version, kind: "PartialObjectMetadataList")
  }

  /// Appends the object's JSON.
  func append(_ object: Object, to chunks: inout [Blob]) {
    chunks.append(head)
    chunks.append(Self.metadata(of: object.blob))
    chunks.append(Self.end)
  }

  /// The JSON of a list, in the order of its keys.
  func list(_ list: ObjectList) -> [Blob] {
    var chunks: [Blob] = []
    chunks.reserveCapacity(list.objects.count * 4 + 2)
    chunks.append(Blob("{\"apiVersion\":\"meta.k8s.io/\(version)\",\"items\":["))
    for (index, object) in list.objects.enumerated() {
      if index > 0 { chunks.append(Self.comma) }
      append(object, to: &chunks)
    }
    chunks.append(Blob("],\"kind\":\"PartialObjectMetadataList\",\"metadata\":\(list.metadata.text)}\n"))
    return chunks
  }

  private static func metadata(of blob: Blob) -> Blob {
    guard let bytes = RawJSON(blob.bytes).member("metadata")?.bytes, let base = bytes.baseAddress else { return empty }
    let start = base - blob.base
    return Blob(blob, start..<start + bytes.count)
  }

  private static let empty = Blob("{}")
  private static let end = Blob("}")
  private static let comma = Blob(",")
}
