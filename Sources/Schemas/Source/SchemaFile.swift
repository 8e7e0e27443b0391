import JSONCore

/// One file of the schema source, read but not yet linked with the others.
///
/// The text is ours and part of the binary; a mistake in it is a programmer's error and traps, at the latest in the tests.
struct SchemaFile {
  var group = ""
  var version = ""
  var package = ""
  var resources: [ResourceBlock] = []
  var types: [TypeBlock] = []

  struct ResourceBlock {
    var plural: String
    var kind: String
    var isNamespaced = false
    var singular = ""
    var shortNames: [String] = []
    var categories: [String] = []
    var verbs: Set<Verb> = []
    var subresources: [Subresource] = []
    var columns: [Column] = []
  }

  struct TypeBlock {
    var schema: ObjectSchema
    var fields: [SchemaLine] = []
  }

  private enum Block { case header, resource, type }

  init(_ source: EmbeddedText) {
    var text = source
    var block = Block.header
    var typeLine = SchemaLine()
    while let line = SchemaLine.next(&text) {
      guard let first = line.words.first else {
        if line.documentation.count > 0, block == .type { add(typeLine, documentation: line.documentation) }
        continue
      }
      switch (line.indent, first.string) {
      case (0, "group"): group = line.word(1) == "\"\"" ? "" : line.word(1)
      case (0, "version"): version = line.word(1)
      case (0, "package"): package = line.word(1)
      case (0, "resource"):
        block = .resource
        resources.append(ResourceBlock(plural: line.word(1), kind: line.word(2)))
      case (0, "type"):
        block = .type
        typeLine = line
      case (0, _): continue
      case (_, let word): block == .type ? types[types.count - 1].fields.append(line) : add(line, word)
      }
    }
  }

  private mutating func add(_ line: SchemaLine, documentation: EmbeddedText) {
    var header = TypeHeader()
    let type = line.word(1)
    var name = Self.prefix(package: package, version: version) + type
    for word in line.words(from: 2) {
      let (key, value) = word.split()
      switch key {
      case "kind" where value == "*": header.isInEveryGroup = true
      case "kind": header.groupVersionKinds = [identity(value.isEmpty ? type : value)]
      case "map": header.isMapAtomic = value == "atomic"
      case "unions": header.unions = try? JSON.parse(value)
      case "internal": header.isInternal = true
      case "as": name = value
      default: preconditionFailure("\(package) \(type): unknown attribute \(word)")
      }
    }
    if header.isInEveryGroup { header.groupVersionKinds = [identity(type)] }
    let goType = (package == "version" ? "version" : version) + "." + type
    types.append(
      TypeBlock(
        schema: ObjectSchema(name: name, goType: goType, header: header, documentation: .embedded(documentation))))
  }

  /// `Name`, or `group/version/Name`. The meta types stand in no group of their own but speak `v1`.
  private func identity(_ text: String) -> GroupVersionKind {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 3 { return GroupVersionKind(group: parts[0], version: parts[1], kind: parts[2]) }
    return GroupVersionKind(group: package == "meta" ? "" : group, version: version, kind: text)
  }

  private mutating func add(_ line: SchemaLine, _ word: String) {
    let last = resources.count - 1
    switch word {
    case "scope": resources[last].isNamespaced = line.word(1) == "namespaced"
    case "singular": resources[last].singular = line.word(1)
    case "short": resources[last].shortNames = line.words(from: 1)
    case "categories": resources[last].categories = line.words(from: 1)
    case "verbs": resources[last].verbs = Set(line.words(from: 1).compactMap(Verb.init))
    case "subresource":
      let verbs = Set(line.words(from: 3).compactMap(Verb.init))
      let kind = GroupVersionKind(group: group, version: version, kind: line.word(2))
      let isForeign = line.word(2).contains("/")
      resources[last].subresources.append(
        Subresource(name: line.word(1), kind: isForeign ? identity(line.word(2)) : kind, verbs: verbs))
    case "column": resources[last].columns.append(Column(line))
    default: preconditionFailure("\(package) \(resources[last].plural): unknown line \(word)")
    }
  }

  /// How published names of a package begin, with the dot before the type's name.
  static func prefix(package: String, version: String) -> String {
    switch package {
    case "meta": "io.k8s.apimachinery.pkg.apis.meta.\(version)."
    case "apiextensions": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.\(version)."
    case "apiregistration": "io.k8s.kube-aggregator.pkg.apis.apiregistration.\(version)."
    default: "io.k8s.api.\(package).\(version)."
    }
  }
}

extension String {
  /// The parts before and behind the first `=`.
  func split() -> (key: String, value: String) {
    guard let equals = utf8.firstIndex(of: UInt8(ascii: "=")) else { return (self, "") }
    return (String(self[..<equals]), String(self[index(after: equals)...]))
  }
}

extension Column {
  /// `column NAME TYPE [format=name] [wide] from=SOURCE [else=CELL]`
  init(_ line: SchemaLine) {
    let quoted = line.word(1)
    let name = quoted.hasPrefix("\"") ? String(quoted.dropFirst().dropLast()) : quoted
    self.init(name: name, type: line.word(2), source: .path([]))
    for word in line.words(from: 3) {
      let (key, value) = word.split()
      switch key {
      case "format": format = value
      case "wide": isWide = true
      case "from": source = Source(value)
      case "else": fallback = value == "true" ? true : value == "false" ? false : .string(value)
      default: preconditionFailure("column \(name): unknown attribute \(word)")
      }
    }
  }
}

extension Column.Source {
  /// `.spec.replicas`, `count.data`, `age`, `age.status.time` or `@function`.
  init(_ text: String) {
    func keys(_ path: Substring) -> [String] { path.split(separator: ".").map(String.init) }
    if text.hasPrefix("@") {
      self = .computed(String(text.dropFirst()))
    } else if text.hasPrefix("count.") {
      self = .count(keys(text.dropFirst(6)))
    } else if text == "age" {
      self = .age(["metadata", "creationTimestamp"])
    } else if text.hasPrefix("age.") {
      self = .age(keys(text.dropFirst(4)))
    } else {
      self = .path(keys(text[...]))
    }
  }
}
