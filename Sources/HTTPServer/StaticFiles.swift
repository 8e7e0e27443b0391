import CSystem
import Values

/// Files that are served as they are: from memory, or, for those who work on them, from a directory read at each request.
public struct StaticFiles: Sendable {
  /// One file in memory.
  public struct File: Sendable {
    public let contentType: String
    public let content: Blob
    /// Quoted.
    public let entityTag: String

    /// `contentType` nil derives it from the path's extension.
    public init(path: String, content: Blob, contentType: String? = nil) {
      self.contentType = contentType ?? StaticFiles.contentType(of: path)
      self.content = content
      entityTag = StaticFiles.entityTag(content)
    }
  }

  private enum Origin: Sendable {
    case memory([String: File])
    case directory(String)
  }

  private let origin: Origin
  /// What `/` and every path that ends with a slash stand for.
  private static let index = "index.html"
  /// Larger files are not for this.
  private static let largestFileBytes = 64 * 1024 * 1024

  /// Serves these files; paths start with `/`.
  public init(files: [(path: String, content: Blob)]) {
    let entries = files.map { ($0.path, File(path: $0.path, content: $0.content)) }
    origin = .memory(Dictionary(entries, uniquingKeysWith: { $1 }))
  }

  /// Serves the files below a directory, following no symbolic link.
  public init(directory: String) { origin = .directory(directory) }

  /// The answer for `path` (percent-encoded, `/` at its start; the request's own when nil); nil when there is no such file
  /// or the method isn't GET or HEAD.
  public func answer(_ request: Request, path: ArraySlice<UInt8>? = nil) -> Response? {
    guard request.method == .get || request.method == .head else { return nil }
    guard let components = Self.components(path ?? request.path), let file = find(components) else { return nil }
    let headers: Headers = [
      ("content-type", file.contentType), ("etag", file.entityTag), ("cache-control", "no-cache"),
      ("x-content-type-options", "nosniff"),
    ]
    if Self.isKnown(file.entityTag, to: request) { return Response(status: 304, headers: headers) }
    return Response(
      status: 200, headers: headers, body: .blob(file.content), allowsCompression: file.contentType.contains("text"))
  }

  private func find(_ components: [String]) -> File? {
    switch origin {
    case .memory(let files): files["/" + components.joined(separator: "/")]
    case .directory(let base): Self.read(components, below: base)
    }
  }

  /// The decoded parts of a path, none of which can lead out of the tree; nil for paths that try.
  static func components(_ path: ArraySlice<UInt8>) -> [String]? {
    guard path.first == UInt8(ascii: "/"), let decoded = percentDecoded(path) else { return nil }
    var components: [String] = []
    for part in decoded.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      // Hidden files stay hidden; "." and ".." start with a dot too.
      guard part.first != UInt8(ascii: "."), !part.contains(0), !part.contains(UInt8(ascii: "\\")) else { return nil }
      components.append(String(decoding: part, as: UTF8.self))
    }
    guard components.dropLast().allSatisfy({ !$0.isEmpty }) else { return nil }
    if components.last?.isEmpty ?? true {
      components = components.dropLast() + [index]
    }
    return components
  }

  private static func percentDecoded(_ path: ArraySlice<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var rest = path
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
        return nil
      }
      decoded.append(high << 4 | low)
    }
    return decoded
  }

  private static func isKnown(_ entityTag: String, to request: Request) -> Bool {
    request.headers("if-none-match").contains { line in
      line.split(separator: ",").contains { item in
        let tag = item.utf8.trimmed
        return tag.elementsEqual("*".utf8) || tag.elementsEqual(entityTag.utf8)
          || tag.elementsEqual("W/\(entityTag)".utf8)
      }
    }
  }

  private static func read(_ components: [String], below base: String) -> File? {
    var descriptor = system_open_directory(base)
    for (number, name) in components.enumerated() where descriptor >= 0 {
      let parent = descriptor
      descriptor = system_open_below(parent, name, number < components.count - 1 ? 1 : 0)
      system_close(parent)
    }
    guard descriptor >= 0 else { return nil }
    defer { system_close(descriptor) }
    let size = system_file_size(descriptor)
    guard size >= 0, size <= largestFileBytes else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    var count = 0
    while count < size {
      let got = bytes.withUnsafeMutableBufferPointer { system_read(descriptor, $0.baseAddress! + count, size - count) }
      guard got > 0 else { break }
      count += got
    }
    return File(path: components.last ?? "", content: Blob(bytes[..<count]))
  }

  /// FNV-1a over the content: it tells versions apart, it doesn't resist an adversary.
  private static func entityTag(_ content: Blob) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in content.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "\"\(String(hash, radix: 16))-\(String(content.count, radix: 16))\""
  }

  /// By the name's extension.
  public static func contentType(of path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    let suffix = name.split(separator: ".").dropFirst().last?.lowercased() ?? ""
    return contentTypes[suffix] ?? "application/octet-stream"
  }

  private static let contentTypes: [String: String] = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8", "json": "application/json", "map": "application/json",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "ico": "image/x-icon", "woff2": "font/woff2", "woff": "font/woff", "wasm": "application/wasm",
    "txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8", "xml": "application/xml",
    "yaml": "application/yaml", "yml": "application/yaml", "pdf": "application/pdf",
    "webmanifest": "application/manifest+json",
  ]
}
