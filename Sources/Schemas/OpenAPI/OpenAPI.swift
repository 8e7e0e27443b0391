import JSONCore
import Objects
import Values

/// The published description of the API, made from the catalog: OpenAPI v2 as one document, v3 as one per group version.
///
/// A document is put together piece by piece into bytes; no tree of the whole thing ever exists.
public struct OpenAPI: Sendable {
  public let catalog: Catalog
  /// `info.version`: the version of the server, `v1.36.2`.
  public let version: String
  /// Whether v3 is for generators of clients rather than for people. People want the allowed values of a field as `enum`;
  /// types generated from them would break with the first value that a later server adds, so generators do not get them,
  /// as from the stock server. But they are told which fields the server shows as null, which only they need to know.
  public var isForGenerators: Bool
  /// The types of custom resources, which are published as they were written.
  let custom: [String: (v2: JSON, v3: JSON)]

  public init(_ catalog: Catalog, version: String, isForGenerators: Bool = false) {
    self.catalog = catalog
    self.version = version
    self.isForGenerators = isForGenerators
    custom = Self.customTypes(catalog.kinds)
  }

  /// The two forms in which things are written down.
  enum Dialect {
    case v2, v3

    /// Where references point to.
    var schemas: String { self == .v2 ? "#/definitions/" : "#/components/schemas/" }
  }

  /// One group version and the path below which its resources live.
  struct GroupVersion: Hashable {
    var group: String
    var version: String

    /// `api/v1`, `apis/apps/v1`: the name in the v3 index.
    var path: String { group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)" }

    /// `CoreV1`, `RbacAuthorizationV1`: as it stands in operation ids.
    var operationPart: String { words.map(Self.capitalized).joined() + Self.capitalized(version) }

    /// `core_v1`, `rbacAuthorization_v1`: what generators group the operations by.
    var tag: String {
      let words = words
      return words[0] + words.dropFirst().map(Self.capitalized).joined() + "_" + version
    }

    private var words: [String] {
      if group.isEmpty { return ["core"] }
      let name = group.hasSuffix(".k8s.io") ? group.dropLast(7) : group[...]
      return name.split(separator: ".").map(String.init)
    }

    static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }
  }

  /// In the order of discovery.
  var groupVersions: [GroupVersion] {
    var seen: Set<GroupVersion> = []
    return catalog.kinds.map { GroupVersion(group: $0.group, version: $0.version) }.filter { seen.insert($0).inserted }
  }

  var info: JSON { ["title": "Kubernetes", "version": .string(version)] }

  /// How callers prove who they are, in the words that both versions share.
  static let bearerToken: JSON = [
    "description": "A bearer token, sent as \"Bearer\" and the token.", "type": "apiKey", "name": "authorization",
    "in": "header",
  ]
}

// MARK: - v2

extension OpenAPI {
  /// The Swagger 2.0 document as JSON.
  public func v2() -> [UInt8] {
    var out = ByteBuffer(capacity: 4 << 20)
    out.append("{\"definitions\":")
    out.append(members: definitions(.v2))
    out.append(",\"info\":")
    info.write(to: &out)
    out.append(",\"parameters\":")
    out.append(members: Parameter.shared.map { ($0.key, $0.value.json(.v2)) })
    out.append(",\"paths\":")
    out.append(members: paths(groupVersions, .v2))
    out.append(",\"security\":[{\"BearerToken\":[]}],\"securityDefinitions\":")
    JSON.object(Members([("BearerToken", Self.bearerToken)])).write(to: &out)
    out.append(",\"swagger\":\"2.0\"}")
    return out.bytes
  }

  /// The same document in the protobuf form of gnostic, the one kubectl asks for.
  public func v2Protobuf() -> [UInt8] {
    var out = ProtobufMessage()
    out.text(1, "2.0")
    out.message(2, Gnostic.info(info))
    out.message(8) { paths in
      for (path, item) in self.paths(groupVersions, .v2) { paths.named(2, path, Gnostic.pathItem(item)) }
    }
    out.message(9) { definitions in
      for (name, schema) in self.definitions(.v2) { definitions.named(1, name, Gnostic.schema(schema)) }
    }
    out.message(10) { parameters in
      for (name, parameter) in Parameter.shared {
        parameters.named(1, name, Gnostic.parameter(parameter.json(.v2)))
      }
    }
    out.message(12) { requirement in requirement.named(1, "BearerToken", ProtobufMessage()) }
    out.message(13) { definitions in
      var item = ProtobufMessage()
      item.message(2, Gnostic.apiKey(Self.bearerToken))
      definitions.named(1, "BearerToken", item)
    }
    return out.bytes
  }
}

// MARK: - v3

extension OpenAPI {
  /// The documents there are: `api/v1`, `apis/apps/v1`, ….
  public var v3Paths: [String] { groupVersions.map(\.path) }

  /// The OpenAPI 3.0 document of one group version as JSON; nil when there is none.
  /// - Parameter path: one of `v3Paths`.
  public func v3(_ path: String) -> [UInt8]? {
    guard let groupVersion = groupVersions.first(where: { $0.path == path }) else { return nil }
    let paths = self.paths([groupVersion], .v3)
    return document(paths, schemas: referenced(from: paths.map(\.1)))
  }

  /// All of v3 as one OpenAPI 3.0 document, for generators that read one file and know JSON alone: bodies are
  /// `application/json`, patches those forms whose name says that they are JSON, the plain merge first.
  public func merged() -> [UInt8] {
    let paths = self.paths(groupVersions, .v3).map { ($0.0, Self.inJSON($0.1)) }
    return document(paths, schemas: referenced(from: paths.map(\.1))) { Self.titled($0, $1, among: $2) }
  }

  /// Generators call a map inside a type by the names of both. Where a type of that name exists already
  /// (Device.capacity, DeviceCapacity) a title tells them apart.
  private static func titled(_ name: String, _ schema: JSON, among names: Set<String>) -> JSON {
    var schema = schema
    for (property, value) in schema["properties"]?.object ?? Members() where value["additionalProperties"] != nil {
      guard names.contains(name + GroupVersion.capitalized(property)) else { continue }
      schema["properties"]?[property]?["title"] = .string(property + "ByName")
    }
    return schema
  }

  private static func inJSON(_ item: JSON) -> JSON {
    var item = item
    for (method, value) in item.object ?? Members() where value.object != nil {
      var operation = value
      if let content = value.at("requestBody", "content")?.object {
        operation["requestBody"]?["content"] = contentInJSON(content)
      }
      for (code, response) in value["responses"]?.object ?? Members() {
        guard let content = response["content"]?.object else { continue }
        operation["responses"]?[code]?["content"] = contentInJSON(content)
      }
      item[method] = operation
    }
    return item
  }

  /// What a JSON client can read and write of the forms that a body may have.
  private static func contentInJSON(_ content: Members) -> JSON {
    if let any = content["*/*"] {
      return .object(Members([(any["schema"]?["type"]?.string == nil ? "application/json" : "text/plain", any)]))
    }
    let readable = [
      "text/plain", "application/json", "application/merge-patch+json", "application/strategic-merge-patch+json",
      "application/json-patch+json",
    ]
    return .object(Members(readable.compactMap { type in content[type].map { (type, $0) } }))
  }

  private func document(
    _ paths: [(String, JSON)], schemas names: Set<String>,
    naming title: (String, JSON, Set<String>) -> JSON = { _, schema, _ in schema }
  ) -> [UInt8] {
    var out = ByteBuffer(capacity: 1 << 20)
    out.append("{\"components\":{\"schemas\":")
    out.append(members: definitions(.v3, only: names).map { ($0.0, title($0.0, $0.1, names)) })
    out.append(",\"securitySchemes\":")
    JSON.object(Members([("BearerToken", Self.bearerToken)])).write(to: &out)
    out.append("},\"info\":")
    info.write(to: &out)
    out.append(",\"openapi\":\"3.0.0\",\"paths\":")
    out.append(members: paths)
    out.append(",\"security\":[{\"BearerToken\":[]}]}")
    return out.bytes
  }

  /// The names of the schemas that the operations reach, directly or through other schemas.
  private func referenced(from roots: [JSON]) -> Set<String> {
    var found: Set<String> = []
    var waiting = roots.flatMap { Self.references($0) }
    while let name = waiting.popLast() {
      guard found.insert(name).inserted else { continue }
      if let schema = catalog.schema(named: name) {
        waiting += Self.references(definition(schema, .v3))
      } else if let special = Self.special[name] ?? custom[name] {
        waiting += Self.references(special.v3)
      }
    }
    return found
  }

  private static func references(_ json: JSON) -> [String] {
    switch json {
    case .object(let members):
      members.flatMap { key, value in
        if key == "$ref", let target = value.string { return [String(target.dropFirst(Dialect.v3.schemas.count))] }
        return references(value)
      }
    case .array(let elements): elements.flatMap(references)
    default: []
    }
  }
}

extension ByteBuffer {
  /// Appends an object whose members come one after the other.
  fileprivate mutating func append(members: some Sequence<(String, JSON)>) {
    append("{")
    var isFirst = true
    for (key, value) in members {
      if !isFirst { append(",") }
      isFirst = false
      JSON.write(key, to: &self)
      append(":")
      value.write(to: &self)
    }
    append("}")
  }
}
