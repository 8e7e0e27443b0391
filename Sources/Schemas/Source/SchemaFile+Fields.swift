import JSONCore

extension SchemaFile {
  /// The field a line describes; `types` finds the types by their published names.
  func field(_ line: SchemaLine, types: [String: ObjectSchema]) -> Field {
    let name = line.word(0)
    var attributes = FieldAttributes()
    let numbers = line.word(1)
    if numbers != "-" { attributes.numbers = numbers.split(separator: ".").map { Int($0) ?? 0 } }
    attributes.documentation = .embedded(line.documentation)
    for index in 3..<max(3, line.words.count) {
      let (key, value) = line.word(index).split()
      if !attributes.set(key, value) { preconditionFailure("\(package) \(name): unknown attribute \(key)=\(value)") }
    }
    return Field(name: name, type: type(line.word(2)[...], types: types), attributes: attributes)
  }

  private func type(_ text: Substring, types: [String: ObjectSchema]) -> FieldType {
    switch text.first {
    case "[": return .array(type(text.dropFirst().dropLast(), types: types))
    case "{": return .map(type(text.dropFirst().dropLast(), types: types))
    default: break
    }
    if let plain = FieldType.plain(text) { return plain }
    if text.hasPrefix("schemaOr"),
      let schema = types[Self.prefix(package: package, version: version) + "JSONSchemaProps"]
    {
      switch text {
      case "schemaOrArray": return .schemaOrArray(schema)
      case "schemaOrBool": return .schemaOrBool(schema)
      default: return .schemaOrStrings(schema)
      }
    }
    guard let schema = types[publishedName(text)] else { preconditionFailure("\(package): no type \(text)") }
    return .object(schema)
  }

  /// The published name of `Name`, `package.Name` or `package/version.Name`.
  private func publishedName(_ text: Substring) -> String {
    guard let dot = text.lastIndex(of: ".") else { return Self.prefix(package: package, version: version) + text }
    let scope = text[..<dot].split(separator: "/")
    let version = scope.count > 1 ? String(scope[1]) : "v1"
    return Self.prefix(package: String(scope[0]), version: version) + text[text.index(after: dot)...]
  }
}

extension FieldType {
  fileprivate static func plain(_ text: Substring) -> FieldType? {
    switch text {
    case "string": .string
    case "bool": .bool
    case "int32": .int32
    case "int64": .int64
    case "double": .double
    case "bytes": .bytes
    case "quantity": .quantity
    case "intOrString": .intOrString
    case "time": .time
    case "microTime": .microTime
    case "raw": .raw
    case "json", "object": .json
    case "fieldsV1": .fieldsV1
    default: nil
    }
  }
}

extension FieldAttributes {
  /// Whether the attribute is one we know.
  fileprivate mutating func set(_ key: String, _ value: String) -> Bool {
    func names() -> [String] { value.split(separator: ",").map(String.init) }
    switch key {
    case "required": isRequired = true
    case "default": defaultValue = try? JSON.parse(value)
    case "zero": zero = ZeroRule(rawValue: value)
    case "list": listType = ListType(rawValue: value)
    case "keys": listKeys = names()
    case "patch":
      let words = names()
      patchStrategy = PatchStrategy(
        merges: words.contains("merge"), retainsKeys: words.contains("retainKeys"), replaces: words.contains("replace"))
    case "mergeKey": mergeKey = value
    case "map": isMapAtomic = value == "atomic"
    case "enum": allowedValues = names()
    case "min": minimum = Int64(value)
    case "max": maximum = Int64(value)
    case "immutable": isImmutable = true
    default: return false
    }
    return true
  }
}
