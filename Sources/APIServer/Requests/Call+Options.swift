import JSONCore
import Objects
import Registry

/// The options that come in the query.
extension Call {
  /// - Throws: 400 for what cannot be read.
  func listOptions() throws(Status) -> ListOptions {
    if query.isEmpty { return ListOptions() }
    var options = ListOptions()
    options.labels = try labels()
    options.fields = try fields()
    options.limit = max(0, try number("limit") ?? 0)
    options.continueToken = query.text("continue")
    options.resourceVersion = query.text("resourceVersion")
    options.resourceVersionMatch = query.text("resourceVersionMatch")
    options.sendsInitialEvents = query.bool("sendInitialEvents")
    _ = try number("timeoutSeconds")
    return options
  }

  /// - Throws: 400 for what cannot be read.
  func watchOptions() throws(Status) -> WatchOptions {
    var options = WatchOptions()
    options.labels = try labels()
    options.fields = try fields()
    options.resourceVersion = query.text("resourceVersion")
    options.resourceVersionMatch = query.text("resourceVersionMatch")
    options.sendsInitialEvents = query.bool("sendInitialEvents")
    options.allowsBookmarks = query.bool("allowWatchBookmarks") ?? false
    options.continueToken = query.text("continue")
    _ = try number("limit")
    return options
  }

  /// - Parameter kind: the name of the options in messages, `CreateOptions`.
  /// - Throws: 422 for values that are not among the allowed ones.
  func writeOptions(_ kind: String, duplicates: [String], force: Bool? = nil) throws(Status) -> WriteOptions {
    var errors: [FieldError] = []
    let isDryRun = dryRun(&errors)
    let manager = query.text("fieldManager")
    if manager.utf8.count > Self.managerLimit {
      errors.append(.tooLong(Path("fieldManager"), limit: Self.managerLimit))
    }
    if let odd = manager.unicodeScalars.first(where: { !$0.isPrintable }) {
      errors.append(
        .invalid(
          Path("fieldManager"), .string(manager),
          "should only contain printable characters, found \(Status.quoted(String(odd)))"))
    }
    let validation = query.text("fieldValidation")
    if !validation.isEmpty, FieldValidation(rawValue: validation) == nil {
      errors.append(.notSupported(Path("fieldValidation"), .string(validation), ["", "Ignore", "Strict", "Warn"]))
    }
    if force == nil, let force = query.bool("force"), kind == "PatchOptions" {
      errors.append(.forbidden(Path("force"), "may not be specified for non-apply patch"))
      _ = force
    }
    guard errors.isEmpty else { throw .invalid(kind: kind, group: "meta.k8s.io", name: "", errors) }
    return WriteOptions(
      caller: caller, fieldManager: manager.isEmpty ? agentName : manager, isDryRun: isDryRun,
      fieldValidation: FieldValidation(rawValue: validation) ?? .warn, force: force ?? false, duplicates: duplicates,
      notes: notes)
  }

  /// From the body; from the query only when there is no body.
  /// - Throws: 400, 415, 422, and 500 for a body that is no DeleteOptions.
  func deleteOptions() throws(Status) -> DeleteOptions {
    let json: JSON
    if let body = try optionsInBody() { json = body } else { json = try optionsInQuery() }
    var options = try DeleteOptions(caller: caller, json: json)
    options.notes = notes
    return options
  }

  private func optionsInQuery() throws(Status) -> JSON {
    var json = JSON.emptyObject
    if let seconds = try number("gracePeriodSeconds") { json["gracePeriodSeconds"] = JSON(seconds) }
    if let orphan = query.bool("orphanDependents") { json["orphanDependents"] = .bool(orphan) }
    if let policy = query["propagationPolicy"] { json["propagationPolicy"] = .string(policy) }
    let dryRun = query.all("dryRun")
    if !dryRun.isEmpty { json["dryRun"] = JSON(dryRun) }
    return json
  }

  /// - Throws: 400 for a text that is no whole number.
  func number(_ name: String) throws(Status) -> Int? {
    guard let text = query[name] else { return nil }
    if let value = Int(text) { return value }
    let digits =
      text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
      ? text.utf8.dropFirst() : text.utf8[...]
    let isNumber = !digits.isEmpty && digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    throw .badRequest(
      "strconv.ParseInt: parsing \(Status.quoted(text)): \(isNumber ? "value out of range" : "invalid syntax")")
  }

  private static let managerLimit = 128

  private func labels() throws(Status) -> LabelSelector {
    guard let text = query["labelSelector"], !text.isEmpty else { return .everything }
    do { return try LabelSelector(parsing: text) } catch { throw .badRequest(error.message) }
  }

  private func fields() throws(Status) -> FieldSelector? {
    guard let text = query["fieldSelector"], !text.isEmpty else { return nil }
    do { return try FieldSelector(parsing: text) } catch { throw .badRequest(error.message) }
  }

  private func dryRun(_ errors: inout [FieldError]) -> Bool {
    let values = query.all("dryRun")
    if values.isEmpty { return false }
    if !values.allSatisfy({ $0 == "All" }) {
      errors.append(.notSupported(Path("dryRun"), JSON(values), ["All"]))
    }
    return true
  }

  /// The name of a client that does not say by which name it owns fields: the first word of its user agent.
  var agentName: String {
    let agent = request.header("user-agent") ?? ""
    let name = agent.prefix { $0 != "/" }
    if name.isEmpty { return "unknown" }
    var result = String.UnicodeScalarView()
    var bytes = 0
    for scalar in name.unicodeScalars where scalar.isPrintable {
      bytes += UTF8.width(scalar)
      if bytes > Self.managerLimit { break }
      result.append(scalar)
    }
    return String(result)
  }

  /// How long the client is willing to wait. Nothing takes that long here, but what cannot be read is told.
  /// - Throws: 400.
  func checkTimeout() throws(Status) {
    guard let text = query["timeout"], !text.isEmpty, !Self.isDuration(text) else { return }
    throw .badRequest("invalid timeout specified in the request URL - time: invalid duration \(Status.quoted(text))")
  }

  /// Go's durations: `1h30m`, `1.5s`, `-3ms`, `0`.
  private static func isDuration(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    if rest.elementsEqual("0".utf8) { return true }
    guard !rest.isEmpty else { return false }
    while !rest.isEmpty {
      let number = rest.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { !(48...57).contains($0) && $0 != UInt8(ascii: ".") }
      rest = rest.dropFirst(unit.count)
      guard Double(String(decoding: number, as: UTF8.self)) != nil,
        units.contains(String(decoding: unit, as: UTF8.self))
      else { return false }
    }
    return true
  }

  private static let units: Set<String> = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"]
}

extension Unicode.Scalar {
  /// As Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and the plain space.
  fileprivate var isPrintable: Bool {
    if value < 128 { return value >= 32 && value < 127 }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
