import HTTPServer
import JSONCore
import Objects
import Registry
import Values

/// Makes responses: the headers that every answer has, prepared once, and the few that are its own.
final class Reply: Sendable {
  private let json: PreparedHeaders
  private let yaml: PreparedHeaders
  private let protobuf: PreparedHeaders
  private let text: PreparedHeaders
  private let bare: PreparedHeaders
  /// For documents, which are no answers of the API's verbs.
  private let unnamed = PreparedHeaders([], identifier: "audit-id")
  private let names: NameSource

  /// - Parameter names: where audit ids come from.
  init(names: NameSource) {
    self.names = names
    let common: Headers = [
      ("cache-control", "no-cache, private"), ("x-kubernetes-pf-flowschema-uid", names.uid()),
      ("x-kubernetes-pf-prioritylevel-uid", names.uid()),
    ]
    func prepared(_ type: String) -> PreparedHeaders {
      PreparedHeaders([("content-type", type)] + common, identifier: "audit-id")
    }
    json = prepared("application/json")
    yaml = prepared("application/yaml")
    protobuf = prepared("application/vnd.kubernetes.protobuf")
    text = prepared("text/plain; charset=utf-8")
    bare = PreparedHeaders(common, identifier: "audit-id")
  }

  func body(
    _ body: Body, _ format: Representation.Format = .json, status: Int = 200, warnings: [String] = [], _ call: Request?
  ) -> Response {
    let headers: PreparedHeaders =
      switch format {
      case .json: json
      case .yaml: yaml
      case .protobuf: protobuf
      }
    return Response(
      status: status, prepared: headers, headers: own(call, warnings), body: body, allowsCompression: true)
  }

  func json(_ json: JSON, status: Int = 200, isPretty: Bool = false, _ request: Request?) -> Response {
    body(.blob(Encoding.blob(json, isPretty: isPretty)), status: status, request)
  }

  func text(_ text: String, status: Int = 200, _ request: Request?) -> Response {
    Response(status: status, prepared: self.text, headers: own(request, []), body: .blob(Blob(text)))
  }

  /// Another media type.
  func document(_ blob: Blob, _ type: String, headers: Headers = [], status: Int = 200, _ request: Request?) -> Response
  {
    Response(
      status: status, prepared: unnamed, headers: [("content-type", type)] + headers + own(request, []),
      body: .blob(blob),
      allowsCompression: true)
  }

  /// An error, as the Status object that clients decide by.
  func error(_ status: Status, warnings: [String] = [], isPretty: Bool = false, _ request: Request?) -> Response {
    // A 406 says that no form will do: it is told in the one that all can read.
    let format = status.code == 406 ? .json : Representation.formatOfStatus(request)
    var response = self.status(
      status.json, format, code: status.code, warnings: warnings, isPretty: isPretty, request)
    if let seconds = status.details?.retryAfterSeconds, seconds > 0 {
      response.headers.append(("retry-after", String(seconds)))
    } else if status.code == 429 {
      response.headers.append(("retry-after", "1"))
    }
    return response
  }

  /// A Status, in the given form.
  func status(
    _ json: JSON, _ format: Representation.Format, code: Int, warnings: [String] = [], isPretty: Bool = false,
    _ request: Request?
  ) -> Response {
    do throws(Status) {
      let body = try Encoding.body(json, format, isPretty: isPretty)
      return self.body(body, format, status: code, warnings: warnings, request)
    } catch {
      return self.body(.blob(Encoding.blob(json, isPretty: isPretty)), status: code, warnings: warnings, request)
    }
  }

  func stream(_ source: any BodySource, _ type: String, warnings: [String] = [], _ request: Request) -> Answer {
    if type == "application/json" {
      return .stream(StreamResponse(prepared: json, headers: own(request, warnings), source: source))
    }
    let headers: Headers = [("content-type", type)]
    return .stream(StreamResponse(prepared: bare, headers: headers + own(request, warnings), source: source))
  }

  /// An audit id of at most this length is taken over from the client.
  private static let auditIDLimit = 64
  /// Warnings beyond this many bytes in total are shortened, then dropped.
  private static let warningLimit = 4096
  private static let shortWarning = 256

  /// What the request is known by: the client's own word for it, or a new one.
  func auditID(_ request: Request?) -> String {
    Self.givenID(request) ?? names.uid()
  }

  private static func givenID(_ request: Request?) -> String? {
    guard let id = request?.headerBytes("audit-id"), !id.isEmpty, id.count <= auditIDLimit else { return nil }
    return String(decoding: id, as: UTF8.self)
  }

  /// The server below adds an id to answers without one.
  private func own(_ request: Request?, _ warnings: [String]) -> Headers {
    var headers: Headers = []
    if let id = Self.givenID(request) { headers.append(("audit-id", id)) }
    if !warnings.isEmpty {
      headers += Self.shown(warnings).map { ("warning", "299 - \(Self.quoted($0))") }
    }
    return headers
  }

  /// Each text once; short of the limit when there is too much.
  private static func shown(_ warnings: [String]) -> [String] {
    var seen: Set<String> = []
    let distinct = warnings.filter { seen.insert($0).inserted }
    guard distinct.reduce(0, { $0 + $1.utf8.count }) > warningLimit else { return distinct }
    var left = warningLimit
    return distinct.map { String($0.prefix(shortWarning)) }.prefix { text in
      left -= text.utf8.count
      return left >= 0
    }.map { $0 }
  }

  /// A quoted string of HTTP: quotes and backslashes escaped, control characters left out.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars where scalar.value >= 32 && scalar.value != 127 {
      if scalar == "\"" || scalar == "\\" { result.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
