import COpenSSL
import HTTPServer
import Synchronization
import Values

/// A document that is made once and kept packed: most clients take it packed, and it is a tenth of the size.
struct Document: Sendable {
  /// gzip
  var packed: Blob
  /// SHA-512 of the plain bytes in upper-case hexadecimal.
  var hash: String
  var contentType: String

  init(_ plain: Blob, _ contentType: String) {
    packed = gzip([plain]) ?? plain
    hash = Self.sha512(plain)
    self.contentType = contentType
  }

  static func sha512(_ blob: Blob) -> String {
    var digest = [UInt8](repeating: 0, count: 64)
    SHA512(blob.base, blob.count, &digest)
    let digits = Array("0123456789ABCDEF".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// Documents by name, made when they are first asked for.
final class Documents: Sendable {
  private let made: Mutex<[String: Document]>

  /// - Parameter isStillTrue: which documents of an earlier catalog may stay.
  init(keeping earlier: Documents? = nil, where isStillTrue: (String) -> Bool = { _ in true }) {
    let kept = earlier?.made.withLock { $0 } ?? [:]
    made = Mutex(kept.filter { isStillTrue($0.key) })
  }

  subscript(name: String) -> Document? { made.withLock { $0[name] } }

  /// The document, made outside of the loop that serves others meanwhile.
  func document(_ name: String, make: @escaping @Sendable () -> Document) async -> Document {
    if let document = self[name] { return document }
    let document = await Task.detached { make() }.value
    made.withLock { $0[name] = document }
    return document
  }
}

extension Reply {
  /// A document with its tag: 304 without a body for who has it already.
  func document(_ document: Document, _ request: Request, headers: Headers = []) -> Response {
    let tag = "\"\(document.hash)\""
    var headers: Headers =
      [("etag", tag), ("vary", "Accept"), ("vary", "Accept-Encoding")]
      + headers
    if request.headers("if-none-match").contains(where: { $0.contains(tag) || $0 == "*" }) {
      return self.document(.empty, document.contentType, headers: headers, status: 304, request)
    }
    if request.acceptsGzip {
      headers.append(("content-encoding", "gzip"))
      var response = self.document(document.packed, document.contentType, headers: headers, request)
      response.allowsCompression = false
      return response
    }
    guard let plain = gunzip(document.packed) else {
      return text("the document cannot be unpacked\n", status: 500, request)
    }
    return self.document(plain, document.contentType, headers: headers, request)
  }
}
