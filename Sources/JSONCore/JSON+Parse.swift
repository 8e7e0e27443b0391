import Values

/// Why a text is not JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  /// Bytes from the start of the text.
  public var offset: Int
  public var description: String { message }
}

extension JSON {
  /// Reads one JSON text (RFC 8259). Malformed UTF-8 and lone surrogates become U+FFFD, as Kubernetes does.
  /// - Parameters:
  ///   - known: parts of a stored object that the text may repeat (`unreadParts`); these are not read again.
  ///   - duplicates: receives the path of every key that its object already had (`spec.replicas`); the last value wins.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, known: [Blob] = [], duplicates: inout [String]
  ) throws(JSONError) -> JSON {
    var parser = Parser(bytes: bytes, known: known)
    defer { parser.release() }
    let value = try parser.document()
    duplicates = parser.duplicates
    return value
  }

  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
    var ignored: [String] = []
    return try parse(bytes, duplicates: &ignored)
  }

  public static func parse(_ blob: Blob) throws(JSONError) -> JSON { try parse(blob.bytes) }

  /// Reads what this program wrote. It may nest deeper than anything that came from outside: a value as deep as is allowed
  /// may have come as a text of its own and stand inside another object now.
  public static func parse(stored bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
    var parser = Parser(bytes: bytes, maximumDepth: 3 * maximumDepth)
    defer { parser.release() }
    return try parser.document()
  }

  /// Reads a stored object. Its larger parts but for the metadata, and the field sets of its managers, stay encoded until
  /// somebody looks into them.
  public static func parse(storedObject blob: Blob) throws(JSONError) -> JSON {
    var parser = Parser(bytes: blob.bytes, maximumDepth: 3 * maximumDepth, stored: blob)
    defer { parser.release() }
    return try parser.document()
  }

  /// The parts of a stored object that stay encoded until somebody looks into them.
  public static func unreadParts(of blob: Blob) -> [Blob] {
    var parts: [Blob] = []
    func add(_ value: RawJSON) {
      let text = value.wholeText
      guard text.count >= Parser.leastUnread, let start = text.baseAddress, text.first != UInt8(ascii: "\"") else {
        return
      }
      parts.append(Blob(blob, start - blob.base..<start - blob.base + text.count))
    }
    RawJSON(blob.bytes).forEachMember { name, value in
      if !name.isString("metadata") { return add(value) }
      value.member("managedFields")?.forEachElement { entry in
        entry.forEachMember { name, value in if name.isString("fieldsV1") { add(value) } }
      }
    }
    return parts
  }

  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
    do {
      return try bytes.withUnsafeBufferPointer { try parse($0) }
    } catch let error as JSONError {
      throw error
    } catch {
      throw JSONError(message: "\(error)", offset: 0)
    }
  }

  public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}
