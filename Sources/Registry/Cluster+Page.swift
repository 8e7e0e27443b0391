import JSONCore
import Objects
import Schemas

extension Cluster {
  /// One page of a list, out of one state.
  func page(
    _ snapshot: Snapshot, _ kind: Kind, _ namespace: String?, _ request: ListRequest, _ options: ListOptions
  ) throws(Status) -> ObjectList {
    let snapshot =
      kind.resource == ComponentStatuses.resource
      ? ComponentStatuses.snapshot(revision: snapshot.revision) : snapshot
    let fields = options.fields ?? .everything
    try FieldSelection.check(kind, fields)
    let namespace = kind.isNamespaced ? namespace ?? options.fields?.requiredValue("metadata.namespace") : nil
    var slice = snapshot.objects(kind.storedResource, namespace: namespace)
    if let start = request.start {
      let (startNamespace, startName) = Self.split(start, kind)
      slice = slice.suffix(after: startNamespace, startName)
    }
    var list: ObjectList
    if options.labels.isEmpty && fields.isEmpty {
      list = Self.plainPage(slice, limit: options.limit, snapshot.revision)
    } else {
      let chosen = choose(slice, snapshot, kind, namespace, options, fields)
      list = Self.chosenPage(chosen, limit: options.limit, snapshot.revision)
    }
    // What takes a webhook is left to those who can wait for it.
    if converts(kind), !kind.convertsByWebhook {
      var objects: [Object] = []
      for object in list.objects { objects.append(try presented(object, as: kind)) }
      list.objects = objects
    }
    return list
  }

  private func choose(
    _ slice: ObjectSlice, _ snapshot: Snapshot, _ kind: Kind, _ namespace: String?, _ options: ListOptions,
    _ fields: FieldSelector
  ) -> [Object] {
    // One name in one namespace is a look-up, not a scan.
    if let name = options.fields?.requiredValue("metadata.name"), namespace != nil || !kind.isNamespaced {
      guard let object = snapshot[key(kind, namespace ?? "", name)] else { return [] }
      let isChosen =
        options.labels.matches(object.labels) && FieldSelection.matches(fields, object)
        && slice.first.map { !Key.precedes(object.key, $0.key) } == true
      return isChosen ? [object] : []
    }
    let labelled = slice.matching(options.labels)
    return fields.isEmpty ? labelled : labelled.filter { FieldSelection.matches(fields, $0) }
  }

  private static func plainPage(_ slice: ObjectSlice, limit: Int, _ revision: Int64) -> ObjectList {
    guard limit > 0, slice.count > limit else { return ObjectList(objects: Array(slice), revision: revision) }
    let objects = Array(slice.prefix(limit))
    return ObjectList(
      objects: objects, revision: revision, continueToken: token(objects, revision),
      remainingItemCount: slice.count - limit)
  }

  private static func chosenPage(_ chosen: [Object], limit: Int, _ revision: Int64) -> ObjectList {
    guard limit > 0, chosen.count > limit else { return ObjectList(objects: chosen, revision: revision) }
    let objects = Array(chosen.prefix(limit))
    return ObjectList(objects: objects, revision: revision, continueToken: token(objects, revision))
  }

  private static func token(_ objects: [Object], _ revision: Int64) -> String? {
    guard let last = objects.last else { return nil }
    let start = last.namespace.isEmpty ? last.name : "\(last.namespace)/\(last.name)"
    return ContinueToken(revision: revision, start: start).text
  }

  private static func split(_ start: String, _ kind: Kind) -> (namespace: String, name: String) {
    guard kind.isNamespaced, let slash = start.firstIndex(of: "/") else { return ("", start) }
    return (String(start[..<slash]), String(start[start.index(after: slash)...]))
  }
}
