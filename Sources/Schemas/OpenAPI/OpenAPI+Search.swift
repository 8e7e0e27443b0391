import JSONCore

/// A kind or field that a search found.
public struct FoundField: Sendable, Equatable {
  /// Where a field stands: a kind, and the names from it to the field; none for the kind itself.
  public struct Place: Sendable, Equatable {
    public var kind: GroupVersionKind
    public var path: [String]
  }

  /// The nearest place.
  public var place: Place
  public var line: Explanation.Line
  /// Other places of the same field, nearest first.
  public var others: [Place]
}

extension OpenAPI {
  /// Other places beyond this many are not told.
  static let otherPlacesLimit = 10

  /// Looks for words in the names, paths and sentences of all kinds and fields; a type that many kinds use counts once.
  /// - Parameter text: words between blanks, in any case; `node selector` finds `nodeSelector`.
  /// - Returns: how many there are, and the best of them, at most `limit`.
  public func search(_ text: String, limit: Int) -> (total: Int, found: [FoundField]) {
    let query = SearchQuery(text)
    if query.words.isEmpty { return (0, []) }
    let map = SchemaMap(catalog)
    var hits: [Hit] = []
    for kind in catalog.kinds {
      let line = Explanation.Line(kind)
      guard let rank = query.rank(line, paths: []) else { continue }
      let place = FoundField.Place(kind: kind.groupVersionKind, path: [])
      hits.append(Hit(rank: rank.rank, order: hits.count, line: line, places: [place]))
    }
    for (schema, places) in map.entries {
      for field in schema.fields {
        let line = Explanation.Line(field)
        let here = places.map { FoundField.Place(kind: $0.kind, path: $0.path + [field.name]) }
        guard let rank = query.rank(line, paths: here) else { continue }
        var sorted = here
        // The place whose path says the words comes first.
        if rank.place > 0 { sorted.insert(sorted.remove(at: rank.place), at: 0) }
        hits.append(Hit(rank: rank.rank, order: hits.count, line: line, places: sorted))
      }
    }
    hits.sort { ($0.rank, $0.places[0].path.count, $0.order) < ($1.rank, $1.places[0].path.count, $1.order) }
    let found = hits.prefix(limit).map { hit in
      FoundField(
        place: hit.places[0], line: hit.line, others: Array(hit.places.dropFirst().prefix(Self.otherPlacesLimit)))
    }
    return (hits.count, found)
  }

  private struct Hit {
    var rank: Int
    var order: Int
    var line: Explanation.Line
    var places: [FoundField.Place]
  }
}

extension Explanation.Line {
  fileprivate init(_ kind: Kind) {
    self.init(
      name: kind.name, type: kind.name, isRequired: false, defaultValue: nil, allowedValues: [], minimum: nil,
      maximum: nil, documentation: kind.schema.documentation, hasFields: true)
  }
}

/// Every type that a kind reaches, with the nearest place in each kind that does.
private struct SchemaMap {
  private(set) var entries: [(schema: ObjectSchema, places: [FoundField.Place])] = []
  private var positions: [ObjectIdentifier: Int] = [:]

  init(_ catalog: Catalog) {
    for kind in catalog.kinds { add(kind) }
    for index in entries.indices {
      let sorted = entries[index].places.enumerated().sorted {
        ($0.element.path.count, $0.offset) < ($1.element.path.count, $1.offset)
      }
      entries[index].places = sorted.map(\.element)
    }
  }

  /// Breadth first, so that each type is met where it is nearest.
  private mutating func add(_ kind: Kind) {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(kind.schema)]
    var level: [(schema: ObjectSchema, path: [String])] = [(kind.schema, [])]
    while !level.isEmpty {
      var next: [(schema: ObjectSchema, path: [String])] = []
      for (schema, path) in level {
        let place = FoundField.Place(kind: kind.groupVersionKind, path: path)
        if let position = positions[ObjectIdentifier(schema)] {
          entries[position].places.append(place)
        } else {
          positions[ObjectIdentifier(schema)] = entries.count
          entries.append((schema, [place]))
        }
        for field in schema.fields {
          guard let inner = field.type.objectSchema, seen.insert(ObjectIdentifier(inner)).inserted else { continue }
          next.append((inner, path + [field.name]))
        }
      }
      level = next
    }
  }
}

/// The words of a search, and how well a field answers to them.
private struct SearchQuery {
  /// In lower case.
  let words: [[UInt8]]
  private let joined: [UInt8]

  init(_ text: String) {
    words = text.utf8.split { $0 == 32 || $0 == 9 }.map { $0.map(Self.lowercased) }
    joined = words.flatMap { $0 }
  }

  /// 0 is the best; nil when it does not answer. `place` is that of the paths which answers.
  func rank(_ line: Explanation.Line, paths: [FoundField.Place]) -> (rank: Int, place: Int)? {
    let name = line.name.utf8.map(Self.lowercased)
    if name == joined { return (0, 0) }
    if name.starts(with: joined) { return (1, 0) }
    if Self.contains(name, joined) { return (2, 0) }
    if words.count > 1, words.contains(where: { Self.contains(name, $0) }), let place = place(among: paths) {
      return (3, place)
    }
    let text = line.documentation.utf8.map(Self.lowercased)
    return words.allSatisfy { Self.contains(name, $0) || Self.contains(text, $0) } ? (4, 0) : nil
  }

  /// The first path that holds all the words.
  private func place(among paths: [FoundField.Place]) -> Int? {
    paths.firstIndex { place in
      let text = ([place.kind.kind] + place.path).joined(separator: ".").utf8.map(Self.lowercased)
      return words.allSatisfy { Self.contains(text, $0) }
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

  private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
    guard let first = word.first, word.count <= text.count else { return word.isEmpty }
    for start in 0...(text.count - word.count) where text[start] == first {
      if text[start..<start + word.count].elementsEqual(word) { return true }
    }
    return false
  }
}
