import JSONCore
import Objects
import Schemas

/// The scale subresource: the number of pods of a workload, whatever its kind, as `autoscaling/v1` Scale.
extension Cluster {
  /// - Throws: 404 for an object or a kind without scale.
  public func scale(_ kind: Kind, namespace: String, name: String) throws(Status) -> JSON {
    let object = try get(kind, namespace: namespace, name: name)
    return try scale(of: object.json, kind)
  }

  func updateScale(
    _ kind: Kind, _ namespace: String, _ name: String, _ body: JSON, _ options: WriteOptions
  ) async throws(Status) -> Written {
    let given = body.text("kind")
    guard given.isEmpty || given == "Scale" else {
      let version = body.text("apiVersion").split(separator: "/").last.map(String.init) ?? ""
      throw .badRequest(
        "\(given) in version \(Status.quoted(version)) cannot be handled as a Scale: unknown conversion")
    }
    var unknown: [String] = []
    var wanted = try decodedScale(body, &unknown)
    let complaints = Self.complaints(unknown, options)
    if options.fieldValidation == .strict, !complaints.isEmpty {
      throw .badRequest("\(Self.cannotHandleScale): strict decoding error: \(complaints.joined(separator: ", "))")
    }
    try Self.checkName(wanted, name)
    try Self.placeInNamespace(&wanted, kind, namespace)
    return try await changeScale(kind, namespace, name, options, complaints) {
      [wanted] (old: JSON, _: inout [String]) throws(Status) -> JSON in
      try Self.checkIdentity(wanted, storedUID: old.uid, kind, namespace, name)
      return wanted
    }
  }

  func patchScale(
    _ kind: Kind, _ namespace: String, _ name: String, _ patch: Patch, _ options: WriteOptions
  ) async throws(Status) -> Written {
    try await changeScale(kind, namespace, name, options, []) {
      (old: JSON, warnings: inout [String]) throws(Status) -> JSON in
      let result: JSON
      switch patch.format {
      case .json: result = try old.applying(jsonPatch: patch.body)
      case .strategic: result = try strategicMerge(old, patch: patch.body, schema: try self.scaleSchema())
      case .merge: result = try old.applying(mergePatch: patch.body)
      case .apply:
        let identity = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")
        let writer = FieldWriter(
          manager: options.fieldManager, apiVersion: ManagedFields.scaleVersion, subresource: "scale", time: self.now)
        result = try ManagedFields.apply(
          patch.body, to: old, identity, by: writer, force: options.force, try self.scaleSchema()
        ).object
      }
      var unknown: [String] = []
      var wanted: JSON
      do throws(Status) {
        wanted = try self.decodedScale(result, &unknown)
      } catch {
        throw error.code == 400 ? Self.faultyPatch(patch, error.message) : error
      }
      let complaints = Self.complaints(unknown, options)
      if options.fieldValidation == .strict, !complaints.isEmpty {
        throw Self.faultyPatch(patch, "strict decoding error: \(complaints.joined(separator: ", "))")
      }
      warnings = complaints
      try Self.checkName(wanted, name)
      if patch.format == .apply { wanted["metadata"]?["managedFields"] = result.at("metadata", "managedFields") }
      if wanted["metadata"]?["resourceVersion"] == old["metadata"]?["resourceVersion"] {
        wanted["metadata"]?["resourceVersion"] = nil
      }
      return wanted
    }
  }

  private func changeScale(
    _ kind: Kind, _ namespace: String, _ name: String, _ options: WriteOptions, _ warnings: [String],
    make: (_ old: JSON, _ warnings: inout [String]) throws(Status) -> JSON
  ) async throws(Status) -> Written {
    let paths = scalePaths(kind)
    var mode = ChangeMode.applying
    mode.view = { (object: JSON) throws(Status) -> JSON in try self.scale(of: object, kind) }
    var written = try await change(kind, namespace, name, nil, options, warnings, mode) {
      (old: JSON, warnings: inout [String]) throws(Status) -> JSON in
      let before = try self.scale(of: old, kind)
      var wanted = try make(before, &warnings)
      let replicas = wanted.at("spec", "replicas")?.int ?? 0
      guard replicas >= 0 else {
        throw Self.negativeReplicas(replicas, kind, name)
      }
      if wanted.at("metadata", "managedFields") == before.at("metadata", "managedFields") {
        let writer = FieldWriter(
          manager: options.fieldManager, apiVersion: ManagedFields.scaleVersion, subresource: "scale", time: self.now)
        wanted = ManagedFields.recorded(old: before, new: wanted, by: writer, try self.scaleSchema())
      }
      var result = old
      result.set(JSON(replicas), at: paths.replicas[...])
      let managed = ManagedFields(of: old).takingScale(
        ManagedFields(of: wanted), replicas: paths.replicas, apiVersion: kind.apiVersion)
      result["metadata", default: .emptyObject]["managedFields"] = managed.json
      result["metadata", default: .emptyObject]["resourceVersion"] = wanted.at("metadata", "resourceVersion")
      return result
    }
    let scale = try scale(of: written.object.json, kind)
    written.object = Object(key: written.object.key, revision: written.object.revision, blob: scale.blob)
    return written
  }

  private func scale(of object: JSON, _ kind: Kind) throws(Status) -> JSON {
    let paths = scalePaths(kind)
    let metadata = object["metadata"] ?? .emptyObject
    var result: JSON = [
      "apiVersion": .string(ManagedFields.scaleVersion), "kind": "Scale", "metadata": [:],
      "spec": ["replicas": object.value(at: paths.replicas[...]) ?? 0],
      "status": ["replicas": object.value(at: paths.status[...]) ?? 0],
    ]
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      result["metadata"]?[field] = metadata[field]
    }
    result["metadata"]?["managedFields"] = ManagedFields(of: object).forScale(replicas: paths.replicas).json
    let selector = try selectorText(object, paths)
    if !selector.isEmpty { result["status"]?["selector"] = .string(selector) }
    var unknown: [String] = []
    return try decodedScale(result, &unknown)
  }

  private static let cannotHandleScale = "Scale in version \"v1\" cannot be handled as a Scale"

  /// What there is to say of fields that stand twice or are not known, unless nobody wants to hear it.
  private static func complaints(_ unknown: [String], _ options: WriteOptions) -> [String] {
    if options.fieldValidation == .ignore { return [] }
    return options.duplicates + unknown.map { "unknown field \(Status.quoted($0))" }
  }

  private func selectorText(_ object: JSON, _ paths: CustomKind.ScalePaths) throws(Status) -> String {
    guard let value = object.value(at: paths.selector[...]) else { return "" }
    if let text = value.string { return text }
    let isSelector = value["matchLabels"] != nil || value["matchExpressions"] != nil
    do {
      return try LabelSelector(json: isSelector ? value : ["matchLabels": value]).description
    } catch {
      throw .internalError("\(error)")
    }
  }

  private func scaleSchema() throws(Status) -> ObjectSchema {
    let identity = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")
    guard let schema = catalog.schema(of: identity) else { throw .internalError("there is no schema of Scale") }
    return schema
  }

  private func decodedScale(_ json: JSON, _ unknown: inout [String]) throws(Status) -> JSON {
    guard json.object != nil else { throw .badRequest("the body is not a Scale") }
    var result: JSON
    do {
      result = try scaleSchema().decode(json, unknown: &unknown)
    } catch let error as DecodeError {
      throw .badRequest("\(Self.cannotHandleScale): \(error)")
    } catch let status as Status {
      throw status
    } catch {
      throw .internalError("\(error)")
    }
    result["apiVersion"] = .string(ManagedFields.scaleVersion)
    result["kind"] = "Scale"
    return result
  }

  /// Custom resources name the field by its path in the object.
  private static func negativeReplicas(_ replicas: Int, _ kind: Kind, _ name: String) -> Status {
    guard let custom = kind.custom else {
      return .invalid(
        kind: "Scale", group: "autoscaling", name: name,
        [.invalid(Path("spec").child("replicas"), JSON(replicas), "must be greater than or equal to 0")])
    }
    let path = "." + (custom.scale?.replicas ?? []).joined(separator: ".")
    return .invalid(
      kind: kind.name, group: kind.group, name: name,
      [.invalid(Path(path), JSON(replicas), "should be a non-negative integer")])
  }

  private static let usualPaths = CustomKind.ScalePaths(
    replicas: ["spec", "replicas"], status: ["status", "replicas"], selector: ["spec", "selector"])

  /// Custom resources say themselves where their numbers are.
  private func scalePaths(_ kind: Kind) -> CustomKind.ScalePaths { kind.custom?.scale ?? Self.usualPaths }
}

extension JSON {
  func value(at path: ArraySlice<String>) -> JSON? {
    guard let first = path.first else { return nil }
    return path.count == 1 ? self[first] : self[first]?.value(at: path.dropFirst())
  }

  mutating func set(_ value: JSON, at path: ArraySlice<String>) {
    guard let first = path.first else { return }
    if path.count == 1 {
      self[first] = value
    } else {
      self[first, default: .emptyObject].set(value, at: path.dropFirst())
    }
  }
}
