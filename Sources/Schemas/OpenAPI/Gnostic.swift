import JSONCore

/// Pieces of an OpenAPI v2 document in protobuf. Source of the numbers: OpenAPIv2.proto of google/gnostic.
enum Gnostic {
  static func info(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    out.text(1, json.text("title"))
    out.text(2, json.text("version"))
    return out
  }

  static func apiKey(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    for (field, key) in [(1, "type"), (2, "name"), (3, "in"), (4, "description")] { out.text(field, json.text(key)) }
    return out
  }

  static func pathItem(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    for (field, method) in [
      (2, "get"), (3, "put"), (4, "post"), (5, "delete"), (6, "options"), (7, "head"), (8, "patch"),
    ] {
      if let operation = json[method] { out.message(field, self.operation(operation)) }
    }
    for parameter in json.list("parameters") { out.message(9, parametersItem(parameter)) }
    return out
  }

  private static func operation(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    out.texts(1, json.list("tags"))
    out.text(3, json.text("description"))
    out.text(5, json.text("operationId"))
    out.texts(6, json.list("produces"))
    out.texts(7, json.list("consumes"))
    for parameter in json.list("parameters") { out.message(8, parametersItem(parameter)) }
    out.message(9) { responses in
      for (code, response) in json["responses"]?.object ?? Members() {
        var value = ProtobufMessage()
        value.message(1, Self.response(response))
        responses.named(1, code, value)
      }
    }
    out.texts(10, json.list("schemes"))
    out.extensions(13, json)
    return out
  }

  private static func response(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    out.text(1, json.text("description"))
    if let schema = json["schema"] { out.message(2) { $0.message(1, self.schema(schema)) } }
    return out
  }

  private static func parametersItem(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    if let target = json["$ref"]?.string {
      out.message(2) { $0.text(1, target) }
    } else {
      out.message(1, parameter(json))
    }
    return out
  }

  static func parameter(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    if json.text("in") == "body" {
      out.message(1) { body in
        body.text(1, json.text("description"))
        body.text(2, json.text("name"))
        body.text(3, "body")
        body.bool(4, json["required"]?.bool ?? false)
        if let schema = json["schema"] { body.message(5, self.schema(schema)) }
      }
      return out
    }
    // A query parameter has one field more before its type.
    let isQuery = json.text("in") == "query"
    out.message(2) { parameter in
      parameter.message(isQuery ? 3 : 4) { part in
        part.bool(1, json["required"]?.bool ?? false)
        part.text(2, json.text("in"))
        part.text(3, json.text("description"))
        part.text(4, json.text("name"))
        part.text(isQuery ? 6 : 5, json.text("type"))
        part.bool(isQuery ? 20 : 19, json["uniqueItems"]?.bool ?? false)
      }
    }
    return out
  }

  static func schema(_ json: JSON) -> ProtobufMessage {
    var out = ProtobufMessage()
    out.text(1, json.text("$ref"))
    out.text(2, json.text("format"))
    out.text(4, json.text("description"))
    if let value = json["default"] { out.message(5) { $0.text(2, value.text + "\n") } }
    out.texts(19, json.list("required"))
    if let value = json["additionalProperties"] { out.message(21) { $0.message(1, schema(value)) } }
    if let type = json["type"]?.string { out.message(22) { $0.text(1, type) } }
    if let items = json["items"] { out.message(23) { $0.message(1, schema(items)) } }
    if let properties = json["properties"]?.object {
      out.message(25) { list in
        for (name, property) in properties { list.named(1, name, schema(property)) }
      }
    }
    out.extensions(31, json)
    return out
  }
}

extension ProtobufMessage {
  fileprivate mutating func texts(_ field: Int, _ list: [JSON]) {
    for text in list { element(field, text.string ?? "") }
  }

  /// The members `x-…`, each as a piece of YAML.
  fileprivate mutating func extensions(_ field: Int, _ json: JSON) {
    for (name, value) in json.object ?? Members() where name.hasPrefix("x-") {
      var any = ProtobufMessage()
      any.text(2, value.text + "\n")
      named(field, name, any)
    }
  }
}
