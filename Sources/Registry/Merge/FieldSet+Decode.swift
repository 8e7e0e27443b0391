import JSONCore

/// Why a `fieldsV1` is none.
public struct FieldSetError: Error, Sendable, Equatable {
  public var message: String
}

extension FieldSet {
  /// Reads a `fieldsV1` that a client sent; the keys of list items are brought into the one form in which we write them.
  public init(decoding json: JSON) throws(FieldSetError) {
    guard let members = json.object else {
      throw FieldSetError(message: "expected a set of fields, got \(json.text)")
    }
    self.init(root: try Self.decoded(members, isRoot: true))
  }

  private static func decoded(_ members: Members, isRoot: Bool) throws(FieldSetError) -> Members {
    var result: [(String, JSON)] = []
    result.reserveCapacity(members.count)
    for (key, value) in members {
      guard case .object(let children) = value else {
        throw FieldSetError(message: "expected an object below \(key), got \(value.text)")
      }
      if key == "." {
        if !isRoot { result.append((key, .emptyObject)) }
        continue
      }
      result.append((try canonical(key), .object(try decoded(children, isRoot: false))))
    }
    return Members(result)
  }

  private static func canonical(_ key: String) throws(FieldSetError) -> String {
    let content = String(key.dropFirst(2))
    do {
      switch key.prefix(2) {
      case "f:": return key
      case "v:": return "v:" + (try JSON.parse(content)).text
      case "k:":
        let keys = try JSON.parse(content)
        if keys.object?.isEmpty == false { return "k:" + keys.text }
      case "i:":
        if let index = Int(content) { return "i:\(index)" }
      default: break
      }
    } catch {
      throw FieldSetError(message: "error parsing path element \(key): \(error)")
    }
    throw FieldSetError(message: "missing or unknown key type in path element \(key)")
  }
}
