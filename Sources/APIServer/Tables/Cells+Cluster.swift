import JSONCore
import Objects
import Values

extension Cells {
  static let cluster: [String: Cell] = [
    "configMapSize": { row in
      JSON((row.object["data"]?.object?.count ?? 0) + (row.object["binaryData"]?.object?.count ?? 0))
    },
    "usedProcessor": { row in used("cpu", row) }, "usedMemory": { row in used("memory", row) },
    "nodeStatus": { row in
      let ready = row.status.list("conditions").first { $0.text("type") == "Ready" }
      let state = ready.map { $0.text("status") == "True" ? "Ready" : "NotReady" } ?? "Unknown"
      return JSON(row.spec["unschedulable"]?.bool == true ? state + ",SchedulingDisabled" : state)
    },
    "nodeRoles": { row in
      let prefix = "node-role.kubernetes.io/"
      var roles: Set<String> = []
      for (key, value) in row.metadata.strings("labels") {
        if key.hasPrefix(prefix), key.utf8.count > prefix.utf8.count {
          roles.insert(String(key.dropFirst(prefix.count)))
        } else if key == "kubernetes.io/role", !value.isEmpty {
          roles.insert(value)
        }
      }
      return roles.isEmpty ? "<none>" : JSON(roles.sorted().joined(separator: ","))
    },
    "nodeInternalAddress": { row in nodeAddress(row, "InternalIP") },
    "nodeExternalAddress": { row in nodeAddress(row, "ExternalIP") },
    "eventLastSeen": { row in
      if let series = row.object["series"] { return JSON(row.age(series["lastObservedTime"])) }
      let last = row.object["lastTimestamp"] ?? row.object["deprecatedLastTimestamp"]
      return JSON(row.age(last?.string == nil ? eventStart(row) : last))
    },
    "eventFirstSeen": { row in JSON(row.age(eventStart(row))) },
    "eventObject": { row in
      let object = row.object["involvedObject"] ?? row.object["regarding"] ?? .emptyObject
      let kind = object.text("kind").lowercased()
      return JSON(object.text("name").isEmpty ? kind : "\(kind)/\(object.text("name"))")
    },
    "eventSource": { row in
      let source = row.object["source"] ?? row.object["deprecatedSource"] ?? .emptyObject
      let component = first(
        source.text("component"), row.object.text("reportingComponent"), row.object.text("reportingController"))
      let instance = first(source.text("host"), row.object.text("reportingInstance"))
      return JSON(instance.isEmpty ? component : "\(component), \(instance)")
    },
    "eventMessage": { row in
      let message = row.object["message"]?.string ?? row.object["note"]?.string ?? ""
      return JSON(trimmed(message))
    },
    "eventCount": { row in
      if let series = row.object["series"] { return number(series["count"]) }
      let count = (row.object["count"] ?? row.object["deprecatedCount"])?.int ?? 0
      return JSON(max(count, 1))
    },
    "componentStatus": { row in
      let health = row.object.list("conditions").first { $0.text("type") == "Healthy" }
      switch health?.text("status") {
      case "True": return "Healthy"
      case "False": return "Unhealthy"
      default: return "Unknown"
      }
    },
    "componentMessage": { row in
      JSON(row.object.list("conditions").first { $0.text("type") == "Healthy" }?.text("message") ?? "")
    },
    "componentError": { row in
      JSON(row.object.list("conditions").first { $0.text("type") == "Healthy" }?.text("error") ?? "")
    },
    "requestedDuration": { row in
      row.spec["expirationSeconds"]?.int.map { JSON(Age.human(.seconds($0))) } ?? "<none>"
    },
    "certificateCondition": { row in
      let types = Set(row.status.list("conditions").map { $0.text("type") })
      var text = types.contains("Denied") ? "Denied" : types.contains("Approved") ? "Approved" : "Pending"
      if types.contains("Failed") { text += ",Failed" }
      if !row.status.text("certificate").isEmpty { text += ",Issued" }
      return JSON(text)
    },
    "apiServiceBackend": { row in
      guard let service = row.spec["service"] else { return "Local" }
      return JSON("\(service.text("namespace"))/\(service.text("name"))")
    },
    "apiServiceAvailable": { row in
      guard let condition = row.status.list("conditions").first(where: { $0.text("type") == "Available" })
      else { return "Unknown" }
      let state = condition.text("status")
      return JSON(state == "True" ? state : "\(state) (\(condition.text("reason")))")
    },
    "claimState": { row in
      var states: [String] = row.isBeingDeleted ? ["deleted"] : []
      if row.status["allocation"] != nil {
        states.append("allocated")
        if !row.status.list("reservedFor").isEmpty { states.append("reserved") }
      } else if states.isEmpty {
        states.append("pending")
      }
      return JSON(states.joined(separator: ","))
    },
  ]

  private static func nodeAddress(_ row: Row, _ type: String) -> JSON {
    text(row.status.list("addresses").first { $0.text("type") == type }?["address"])
  }

  private static func eventStart(_ row: Row) -> JSON? {
    let first = row.object["firstTimestamp"] ?? row.object["deprecatedFirstTimestamp"]
    return first?.string == nil ? row.object["eventTime"] : first
  }

  /// The first of the texts that is not empty.
  private static func first(_ texts: String...) -> String { texts.first { !$0.isEmpty } ?? "" }

  private static func trimmed(_ text: String) -> String {
    let rest = text.drop { $0.isWhitespace }
    return String(rest.reversed().drop { $0.isWhitespace }.reversed())
  }
}

extension Cells {
  /// What a node uses of a resource, or the containers of a pod together.
  private static func used(_ resource: String, _ row: Row) -> JSON {
    let usages = row.object["containers"]?.array?.compactMap { $0["usage"] } ?? [row.object["usage"] ?? .emptyObject]
    let sum = usages.reduce(Quantity.zero) { $0 + (Quantity($1[resource]) ?? .zero) }
    return .string(sum.description)
  }
}
