import JSONCore

/// One method of one path.
struct Operation {
  enum RequestBody {
    case none
    case schema(String)
    case optional(String)
    /// A change in one of several forms; custom resources know no strategic merge.
    case patch(isCustom: Bool)
  }

  enum Answer {
    case schema(String)
    /// 200, 201 or 202.
    case created(String)
    /// 200 or 201.
    case replaced(String)
    /// 200 or 202.
    case deleted(String)
    /// 200; also as a stream.
    case list(String)
    case text
  }

  var method: String
  var id: String
  var tag: String
  var description = ""
  var action: String?
  var kind: GroupVersionKind?
  var parameters: [Parameter] = []
  var body = RequestBody.none
  var answer = Answer.text

  init(method: String, id: String, tag: String) {
    self.method = method
    self.id = id
    self.tag = tag
  }

  func json(_ dialect: OpenAPI.Dialect, _ api: OpenAPI) -> JSON {
    var result: JSON = [
      "operationId": .string(id), "tags": [.string(tag)], "description": .string(description),
      "responses": responses(dialect),
    ]
    if let action { result["x-kubernetes-action"] = .string(action) }
    if let kind { result["x-kubernetes-group-version-kind"] = kind.json }
    var parameters = self.parameters.map { $0.use(dialect) }
    if dialect == .v2 {
      result["schemes"] = ["https"]
      result["consumes"] = JSON(consumes)
      result["produces"] = JSON(produces)
      if let schema = bodySchema(.v2) {
        var body: JSON = ["in": "body", "name": "body", "schema": schema]
        if !isBodyOptional { body["required"] = true }
        parameters.append(body)
      }
    } else if let schema = bodySchema(.v3) {
      var body: JSON = ["content": .object(Members(consumes.map { ($0, ["schema": schema]) }))]
      if !isBodyOptional { body["required"] = true }
      result["requestBody"] = body
    }
    if !parameters.isEmpty { result["parameters"] = .array(parameters) }
    return result
  }

  private var isBodyOptional: Bool { if case .optional = body { true } else { false } }

  private var consumes: [String] {
    guard case .patch(let isCustom) = body else { return ["*/*"] }
    return ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]
      + (isCustom ? [] : ["application/strategic-merge-patch+json"])
  }

  private var produces: [String] {
    let types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
    switch answer {
    case .list: return types + ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"]
    case .text: return action == "connect" ? ["*/*"] : ["text/plain"] + types
    default: return types
    }
  }

  private func bodySchema(_ dialect: OpenAPI.Dialect) -> JSON? {
    switch body {
    case .none: nil
    case .schema(let name), .optional(let name): OpenAPI.reference(name, dialect)
    case .patch: OpenAPI.reference(ResourcePaths.meta + "Patch", dialect)
    }
  }

  private func responses(_ dialect: OpenAPI.Dialect) -> JSON {
    let codes: [(String, String)]
    let schema: JSON
    switch answer {
    case .schema(let name), .list(let name):
      (codes, schema) = ([("200", "OK")], OpenAPI.reference(name, dialect))
    case .created(let name):
      codes = [("200", "OK"), ("201", "Created"), ("202", "Accepted")]
      schema = OpenAPI.reference(name, dialect)
    case .replaced(let name):
      (codes, schema) = ([("200", "OK"), ("201", "Created")], OpenAPI.reference(name, dialect))
    case .deleted(let name):
      (codes, schema) = ([("200", "OK"), ("202", "Accepted")], OpenAPI.reference(name, dialect))
    case .text: (codes, schema) = ([("200", "OK")], ["type": "string"])
    }
    var result: JSON = ["401": ["description": "Unauthorized"]]
    for (code, text) in codes {
      var response: JSON = ["description": .string(text)]
      if dialect == .v2 {
        response["schema"] = schema
      } else {
        response["content"] = .object(Members(produces.map { ($0, ["schema": schema]) }))
      }
      result[code] = response
    }
    return result
  }
}

/// A parameter of path or query.
struct Parameter {
  var name: String
  var type: String
  var description: String
  var isInPath = false

  /// Under which name the v2 document keeps it, to be referred to; nil for those written in place.
  private var sharedName: String? { isInPath && name == "name" ? nil : name + (isInPath ? "-path" : "") }

  /// Written out, or in v2 as a reference.
  func use(_ dialect: OpenAPI.Dialect) -> JSON {
    guard dialect == .v2, let sharedName else { return json(dialect) }
    return ["$ref": .string("#/parameters/" + sharedName)]
  }

  func json(_ dialect: OpenAPI.Dialect) -> JSON {
    var result: JSON = [
      "name": .string(name), "in": isInPath ? "path" : "query", "description": .string(description),
    ]
    if dialect == .v2 {
      result["type"] = .string(type)
      result["uniqueItems"] = true
    } else {
      result["schema"] = ["type": .string(type), "uniqueItems": true]
    }
    if isInPath { result["required"] = true }
    return result
  }

  /// Everything that operations of the v2 document refer to, by name.
  static let shared: [(key: String, value: Parameter)] = {
    let all = list + write + delete + log + exec + [force, pretty, ports, proxyPath, path, namespace]
    return Dictionary(all.map { ($0.sharedName ?? $0.name, $0) }) { first, _ in first }.sorted { $0.key < $1.key }
  }()
}

extension Parameter {
  static let namespace = Parameter(
    name: "namespace", type: "string", description: "Namespace that the object lives in.", isInPath: true)
  static let path = Parameter(
    name: "path", type: "string", description: "Rest of the path, passed on to the target.", isInPath: true)

  static func name(_ kind: String) -> Parameter {
    Parameter(name: "name", type: "string", description: "Name of the \(kind).", isInPath: true)
  }

  static let pretty = Parameter(name: "pretty", type: "string", description: "True indents the answer.")
  static let force = Parameter(
    name: "force", type: "boolean", description: "Apply only: takes over fields that other managers own.")
  static let ports = Parameter(name: "ports", type: "integer", description: "Ports to forward, for WebSocket clients.")
  static let proxyPath = Parameter(name: "path", type: "string", description: "Path at the target.")
  private static let dryRun = Parameter(
    name: "dryRun", type: "string", description: "All: run every check but change nothing.")

  /// Of lists and watches.
  static let list = [
    Parameter(
      name: "allowWatchBookmarks", type: "boolean",
      description: "Watch only: BOOKMARK events may tell how far the watch is."),
    Parameter(name: "continue", type: "string", description: "Token of the page before, to go on from."),
    Parameter(name: "fieldSelector", type: "string", description: "Chooses objects by fields: metadata.name=x."),
    Parameter(name: "labelSelector", type: "string", description: "Chooses objects by labels: app=web,tier!=db."),
    Parameter(name: "limit", type: "integer", description: "Most objects in one answer; the rest follows by continue."),
    Parameter(name: "resourceVersion", type: "string", description: "State to read, or to watch from."),
    Parameter(
      name: "resourceVersionMatch", type: "string", description: "Exact or NotOlderThan: how to take resourceVersion."),
    Parameter(
      name: "sendInitialEvents", type: "boolean",
      description: "Watch only: first sends what exists, then a bookmark that marks the end of it."),
    Parameter(name: "timeoutSeconds", type: "integer", description: "Ends the request after so many seconds."),
    Parameter(name: "watch", type: "boolean", description: "True sends changes as they happen instead of a list."),
  ]

  /// Of create, replace and patch.
  static let write = [
    dryRun,
    Parameter(name: "fieldManager", type: "string", description: "Name under which the written fields are owned."),
    Parameter(
      name: "fieldValidation", type: "string",
      description: "Ignore, Warn or Strict: what to do about unknown and repeated fields. Left out: Warn."),
  ]

  static let delete = [
    dryRun,
    Parameter(name: "gracePeriodSeconds", type: "integer", description: "Seconds allowed for a clean stop."),
    Parameter(
      name: "ignoreStoreReadErrorWithClusterBreakingPotential", type: "boolean",
      description: "Deletes an object that cannot be read. Dangerous."),
    Parameter(name: "orphanDependents", type: "boolean", description: "Obsolete: use propagationPolicy."),
    Parameter(
      name: "propagationPolicy", type: "string",
      description: "Orphan, Background or Foreground: what becomes of dependents."),
  ]

  static let log = [
    Parameter(name: "container", type: "string", description: "Container to read; needed when there are several."),
    Parameter(name: "follow", type: "boolean", description: "True goes on sending as more is written."),
    Parameter(
      name: "insecureSkipTLSVerifyBackend", type: "boolean", description: "Does not check the node's certificate."),
    Parameter(name: "limitBytes", type: "integer", description: "Most bytes to send."),
    Parameter(name: "previous", type: "boolean", description: "True reads the instance before the last restart."),
    Parameter(name: "sinceSeconds", type: "integer", description: "Only what was written in the last so many seconds."),
    Parameter(name: "stream", type: "string", description: "All, Stdout or Stderr."),
    Parameter(name: "tailLines", type: "integer", description: "Only the last so many lines."),
    Parameter(name: "timestamps", type: "boolean", description: "True puts the time before each line."),
  ]

  static let exec = [
    Parameter(name: "command", type: "string", description: "Program and arguments; repeated for each word."),
    Parameter(name: "container", type: "string", description: "Container; needed when there are several."),
    Parameter(name: "stderr", type: "boolean", description: "Sends the standard error."),
    Parameter(name: "stdin", type: "boolean", description: "Takes the standard input."),
    Parameter(name: "stdout", type: "boolean", description: "Sends the standard output."),
    Parameter(name: "tty", type: "boolean", description: "Gives the program a terminal."),
  ]
}
