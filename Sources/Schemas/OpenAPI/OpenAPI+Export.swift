import JSONCore
import Values

extension OpenAPI {
  /// A published document as a file.
  public struct File: Sendable {
    /// Relative: `swagger.json`, `openapi.json`, `v3/apis__apps__v1_openapi.json`.
    public var name: String
    public var bytes: [UInt8]
  }

  /// All documents as files for client generators: one for v2, one for all of v3, one for each group
  /// version of it, indented.
  /// - Throws: `JSONError`, should a document not be JSON.
  public func exported() throws(JSONError) -> [File] {
    var api = self
    api.isForGenerators = true
    var files = [
      File(name: "swagger.json", bytes: try Self.indented(api.v2())),
      File(name: "openapi.json", bytes: try Self.indented(api.merged())),
    ]
    for path in v3Paths {
      let name = path.split(separator: "/").joined(separator: "__")
      files.append(File(name: "v3/\(name)_openapi.json", bytes: try Self.indented(api.v3(path) ?? [])))
    }
    return files
  }

  private static func indented(_ bytes: [UInt8]) throws(JSONError) -> [UInt8] {
    var buffer = ByteBuffer(capacity: bytes.count * 2)
    try JSON.parse(bytes).writePretty(to: &buffer)
    buffer.append("\n")
    return buffer.bytes
  }
}
