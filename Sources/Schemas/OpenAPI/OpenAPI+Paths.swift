import JSONCore
import Objects

/// Resources as paths with operations. Names of operations, tags and extensions are those that generators know from
/// Kubernetes, so that a client generated from here looks like one generated from there.
extension OpenAPI {
  /// The paths of some group versions with their items, in the order of the paths.
  func paths(_ groupVersions: [GroupVersion], _ dialect: Dialect) -> [(String, JSON)] {
    var items: [String: PathItem] = [:]
    for groupVersion in groupVersions {
      items["/\(groupVersion.path)/"] = PathItem(operations: [resourceList(groupVersion)])
      for kind in catalog.kinds where kind.group == groupVersion.group && kind.version == groupVersion.version {
        for (path, item) in ResourcePaths(kind, groupVersion, catalog).items {
          items[path, default: PathItem()] += item
        }
      }
    }
    return items.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json(dialect, self)) }
  }

  private func resourceList(_ groupVersion: GroupVersion) -> Operation {
    var operation = Operation(method: "get", id: "get\(groupVersion.operationPart)APIResources", tag: groupVersion.tag)
    operation.description = "Lists the resources of the group version."
    operation.answer = .schema("io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList")
    return operation
  }
}

/// What stands under one path.
struct PathItem {
  var operations: [Operation] = []
  /// Parameters that all operations have.
  var parameters: [Parameter] = []

  static func += (item: inout PathItem, other: PathItem) {
    item.operations += other.operations
    if item.parameters.isEmpty { item.parameters = other.parameters }
  }

  func json(_ dialect: OpenAPI.Dialect, _ api: OpenAPI) -> JSON {
    var result = JSON.emptyObject
    for operation in operations { result[operation.method] = operation.json(dialect, api) }
    if !parameters.isEmpty { result["parameters"] = .array(parameters.map { $0.use(dialect) }) }
    return result
  }
}

/// The paths of one resource.
struct ResourcePaths {
  private(set) var items: [(String, PathItem)] = []

  private let kind: Kind
  private let groupVersion: OpenAPI.GroupVersion
  private let catalog: Catalog

  private var base: String { "/" + groupVersion.path }
  private var scope: String { kind.isNamespaced ? "/namespaces/{namespace}" : "" }
  private var plural: String { kind.resource.resource }
  /// `NamespacedPod`, `Node`: the middle of operation ids.
  private var subject: String { (kind.isNamespaced ? "Namespaced" : "") + kind.name }
  private var scopeParameters: [Parameter] { kind.isNamespaced ? [.namespace] : [] }

  /// Resources whose DELETE answers with the object.
  private static let showsDeleted: Set<String> = [
    "pods", "services", "serviceaccounts", "persistentvolumes", "persistentvolumeclaims", "resourcequotas",
    "podtemplates", "storageclasses", "csidrivers", "csinodes", "volumeattachments", "volumeattributesclasses",
    "deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices",
  ]

  init(_ kind: Kind, _ groupVersion: OpenAPI.GroupVersion, _ catalog: Catalog) {
    self.kind = kind
    self.groupVersion = groupVersion
    self.catalog = catalog
    addCollection()
    addItem()
    addWatches()
    for subresource in kind.subresources { add(subresource) }
  }

  private func operation(_ method: String, _ verb: String, _ rest: String, action: String? = nil) -> Operation {
    var operation = Operation(method: method, id: verb + groupVersion.operationPart + rest, tag: groupVersion.tag)
    operation.action = action
    operation.kind = kind.groupVersionKind
    return operation
  }

  private mutating func addCollection() {
    var collection: [Operation] = []
    if kind.verbs.contains(.list) {
      var list = operation("get", "list", subject, action: "list")
      list.description = "Lists or watches objects of kind \(kind.name)."
      list.parameters = Parameter.list
      list.answer = .list(schemaName(of: kind.listName))
      collection.append(list)
      if kind.isNamespaced {
        list.id = "list\(groupVersion.operationPart)\(kind.name)ForAllNamespaces"
        list.parameters = []
        items.append((base + "/" + plural, PathItem(operations: [list], parameters: Parameter.list + [.pretty])))
      }
    }
    if kind.verbs.contains(.create) {
      var create = operation("post", "create", subject, action: "post")
      create.description = "Creates a \(kind.name)."
      create.parameters = Parameter.write
      create.body = .schema(kind.schema.name)
      create.answer = .created(kind.schema.name)
      collection.append(create)
    }
    if kind.verbs.contains(.deletecollection) {
      var delete = operation("delete", "delete", "", action: "deletecollection")
      delete.id = "delete\(groupVersion.operationPart)Collection\(subject)"
      delete.description = "Deletes the objects of kind \(kind.name) that the selectors choose."
      delete.parameters =
        Parameter.delete + Parameter.list.filter { !["allowWatchBookmarks", "watch"].contains($0.name) }
      delete.body = .optional(Self.meta + "DeleteOptions")
      delete.answer = .schema(Self.meta + "Status")
      collection.append(delete)
    }
    guard !collection.isEmpty else { return }
    items.append(
      (base + scope + "/" + plural, PathItem(operations: collection, parameters: scopeParameters + [.pretty])))
  }

  private mutating func addItem() {
    var operations: [Operation] = []
    if kind.verbs.contains(.get) {
      var read = operation("get", "read", subject, action: "get")
      read.description = "Reads one \(kind.name)."
      read.answer = .schema(kind.schema.name)
      operations.append(read)
    }
    operations += changes(subject, kind.verbs, kind.schema.name, kind.groupVersionKind, what: "one \(kind.name)")
    if kind.verbs.contains(.delete) {
      var delete = operation("delete", "delete", subject, action: "delete")
      delete.description = "Deletes one \(kind.name)."
      delete.parameters = Parameter.delete
      delete.body = .optional(Self.meta + "DeleteOptions")
      delete.answer = .deleted(Self.showsDeleted.contains(plural) ? kind.schema.name : Self.meta + "Status")
      operations.append(delete)
    }
    guard !operations.isEmpty else { return }
    items.append(
      (itemPath, PathItem(operations: operations, parameters: [.name(kind.name)] + scopeParameters + [.pretty])))
  }

  private var itemPath: String { base + scope + "/" + plural + "/{name}" }

  /// PUT and PATCH of an object or a subresource.
  private func changes(
    _ subject: String, _ verbs: Set<Verb>, _ schema: String, _ kind: GroupVersionKind, what: String
  ) -> [Operation] {
    var result: [Operation] = []
    if verbs.contains(.update) {
      var replace = operation("put", "replace", subject, action: "put")
      replace.description = "Replaces \(what)."
      replace.parameters = Parameter.write
      replace.body = .schema(schema)
      replace.answer = .replaced(schema)
      replace.kind = kind
      result.append(replace)
    }
    if verbs.contains(.patch) {
      var patch = operation("patch", "patch", subject, action: "patch")
      patch.description = "Changes parts of \(what)."
      patch.parameters = Parameter.write + [.force]
      patch.body = .patch(isCustom: self.kind.isCustom)
      patch.answer = .replaced(schema)
      patch.kind = kind
      result.append(patch)
    }
    return result
  }

  private mutating func addWatches() {
    guard kind.verbs.contains(.watch) else { return }
    let watch = base + "/watch"
    func item(_ rest: String, _ action: String, _ parameters: [Parameter]) -> PathItem {
      var operation = operation("get", "watch", rest, action: action)
      operation.description = "Watches objects of kind \(kind.name). Deprecated: use the watch parameter of a list."
      operation.answer = .list(Self.meta + "WatchEvent")
      return PathItem(operations: [operation], parameters: parameters + Parameter.list + [.pretty])
    }
    items.append((watch + scope + "/" + plural, item(subject + "List", "watchlist", scopeParameters)))
    items.append(
      (watch + scope + "/" + plural + "/{name}", item(subject, "watch", [.name(kind.name)] + scopeParameters)))
    if kind.isNamespaced {
      items.append((watch + "/" + plural, item(kind.name + "ListForAllNamespaces", "watchlist", [])))
    }
  }

  private mutating func add(_ subresource: Subresource) {
    let path = itemPath + "/" + subresource.name
    let rest = subject + OpenAPI.GroupVersion.capitalized(subresource.name)
    let parameters = [Parameter.name(kind.name)] + scopeParameters
    if let connection = Connection.all[subresource.name] {
      return add(connection, subresource, path, rest, parameters)
    }
    let schema = catalog.schema(of: subresource.kind)?.name ?? kind.schema.name
    var operations: [Operation] = []
    if subresource.verbs.contains(.get) {
      var read = operation("get", "read", rest, action: "get")
      read.description = "Reads \(subresource.name) of one \(kind.name)."
      read.kind = subresource.kind
      read.answer = subresource.name == "log" ? .text : .schema(schema)
      if subresource.name == "log" { read.parameters = Parameter.log }
      operations.append(read)
    }
    operations += changes(
      rest, subresource.verbs, schema, subresource.kind, what: "\(subresource.name) of one \(kind.name)")
    if subresource.verbs.contains(.create) {
      var create = operation("post", "create", rest, action: "post")
      create.description = "Creates \(subresource.name) of a \(kind.name)."
      create.kind = subresource.kind
      create.parameters = Parameter.write
      create.body = .schema(schema)
      create.answer = .created(schema)
      operations.append(create)
    }
    items.append((path, PathItem(operations: operations, parameters: parameters + [.pretty])))
  }

  /// A subresource that passes bytes through: exec, proxy, ….
  private mutating func add(
    _ connection: Connection, _ subresource: Subresource, _ path: String, _ rest: String, _ parameters: [Parameter]
  ) {
    func operations(_ suffix: String) -> [Operation] {
      connection.methods.map { method in
        let verb = OpenAPI.GroupVersion.capitalized(method)
        var connect = operation(method, "connect", "", action: "connect")
        connect.id = "connect\(groupVersion.operationPart)\(verb)\(rest)\(suffix)"
        connect.description = "Connects to \(subresource.name) of one \(kind.name)."
        connect.kind = subresource.kind
        connect.answer = .text
        return connect
      }
    }
    items.append((path, PathItem(operations: operations(""), parameters: parameters + connection.parameters)))
    if subresource.name == "proxy" {
      let all = parameters + [.path] + connection.parameters
      items.append((path + "/{path}", PathItem(operations: operations("WithPath"), parameters: all)))
    }
  }

  private func schemaName(of listKind: String) -> String {
    if kind.isCustom { return kind.schema.name + "List" }
    return catalog.schema(of: GroupVersionKind(group: kind.group, version: kind.version, kind: listKind))?.name
      ?? kind.schema.name
  }

  static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1."

  private struct Connection {
    var methods: [String]
    var parameters: [Parameter]

    static let all: [String: Connection] = [
      "exec": Connection(methods: ["get", "post"], parameters: Parameter.exec),
      "attach": Connection(methods: ["get", "post"], parameters: Parameter.exec.filter { $0.name != "command" }),
      "portforward": Connection(methods: ["get", "post"], parameters: [.ports]),
      "proxy": Connection(
        methods: ["get", "post", "put", "delete", "options", "head", "patch"], parameters: [.proxyPath]),
    ]
  }
}
