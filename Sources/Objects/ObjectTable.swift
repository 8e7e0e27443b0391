/// Objects in order, as a persistent value: a sorted array of sorted chunks. A change copies the chunks it touches and
/// the array of chunks; everything else is shared with the table it came from.
///
/// The order is resource (by its number), namespace, name.
final class ObjectTable: Sendable {
  /// A run of neighbouring objects, with their label masks packed so that a scan reads eight bytes an object.
  final class Chunk: Sendable {
    /// A chunk that grows beyond this is split.
    static let capacity = 256
    /// What chunks are filled to when many objects come in order: room for a few more.
    static let bulk = 192
    /// A chunk that shrinks below this joins the one before it where that has room.
    static let sparse = 32

    let objects: [Object]
    let masks: [UInt64]

    init(_ objects: [Object], _ masks: [UInt64]) {
      self.objects = objects
      self.masks = masks
    }

    convenience init(_ objects: [Object]) {
      self.init(objects, objects.map(\.labels.mask))
    }

    /// As `original` but for one object. The masks are copied: reading them anew would touch every object.
    init(_ original: Chunk, replacing position: Int, with object: Object) {
      var objects = original.objects
      var masks = original.masks
      objects[position] = object
      masks[position] = object.labels.mask
      self.objects = objects
      self.masks = masks
    }
  }

  let chunks: [Chunk]
  /// The position of each chunk's first object.
  let starts: [Int]
  let count: Int

  static let empty = ObjectTable(chunks: [])

  init(chunks: [Chunk]) {
    self.chunks = chunks
    var starts: [Int] = []
    starts.reserveCapacity(chunks.count)
    var count = 0
    for chunk in chunks {
      starts.append(count)
      count += chunk.objects.count
    }
    self.starts = starts
    self.count = count
  }

  /// As `original` but for one chunk, which has as many objects as before.
  private init(_ original: ObjectTable, replacing index: Int, with chunk: Chunk) {
    var chunks = original.chunks
    chunks[index] = chunk
    self.chunks = chunks
    self.starts = original.starts
    self.count = original.count
  }

  /// - Parameter objects: in order, without repetitions.
  convenience init(sorted objects: [Object]) {
    self.init(chunks: Self.split(objects))
  }

  /// The object at a position.
  subscript(position: Int) -> Object {
    let chunk = chunkIndex(position: position)
    return chunks[chunk].objects[position - starts[chunk]]
  }

  /// The chunk that holds a position; the last one for the end.
  func chunkIndex(position: Int) -> Int {
    max(0, Self.partition(starts.count) { starts[$0] <= position } - 1)
  }

  func find(_ key: Key) -> Object? {
    let index = chunkIndex(key)
    guard index < chunks.count else { return nil }
    let objects = chunks[index].objects
    let position = Self.partition(objects.count) { Self.precedes(objects[$0].key, key) }
    return position < objects.count && objects[position].key == key ? objects[position] : nil
  }

  /// The position of the first object for which `precedes` is false; it must be true up to there and false from there.
  func firstPosition(where precedes: (Key) -> Bool) -> Int {
    let index = max(0, Self.partition(chunks.count) { precedes(chunks[$0].objects[0].key) } - 1)
    guard index < chunks.count else { return 0 }
    let objects = chunks[index].objects
    return starts[index] + Self.partition(objects.count) { precedes(objects[$0].key) }
  }

  static func precedes(_ left: Key, _ right: Key) -> Bool {
    left.resource == right.resource ? Key.precedes(left, right) : left.resource.index < right.resource.index
  }

  /// The chunk in which a key is, or belongs.
  private func chunkIndex(_ key: Key) -> Int {
    max(0, Self.partition(chunks.count) { !Self.precedes(key, chunks[$0].objects[0].key) } - 1)
  }

  /// How many of the first of `count` indices fulfil `isBefore`.
  @inline(__always)
  static func partition(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func split(_ objects: [Object]) -> [Chunk] {
    if objects.isEmpty { return [] }
    if objects.count <= Chunk.capacity { return [Chunk(objects)] }
    let pieces = (objects.count + Chunk.bulk - 1) / Chunk.bulk
    return (0..<pieces).map { piece in
      Chunk(Array(objects[piece * objects.count / pieces..<(piece + 1) * objects.count / pieces]))
    }
  }
}

extension ObjectTable {
  /// What becomes of one key.
  struct Edit {
    let key: Key
    /// The new state, nil to remove it.
    let object: Object?
  }

  /// - Parameter edits: in order of their keys, one for each key.
  func applying(_ edits: ArraySlice<Edit>) -> ObjectTable {
    if chunks.isEmpty { return ObjectTable(sorted: edits.compactMap(\.object)) }
    if edits.count == 1, let edit = edits.first, let result = replacing(edit) { return result }
    var result: [Chunk] = []
    result.reserveCapacity(chunks.count + 1)
    var rest = edits
    var index = 0
    while let edit = rest.first {
      let target = chunkIndex(edit.key)
      result.append(contentsOf: chunks[index..<target])
      let limit = target + 1 < chunks.count ? chunks[target + 1].objects[0].key : nil
      let mine = rest.prefix { edit in limit.map { Self.precedes(edit.key, $0) } ?? true }
      rest = rest.dropFirst(mine.count)
      Self.append(Self.edited(chunks[target], mine), to: &result)
      index = target + 1
    }
    result.append(contentsOf: chunks[index...])
    return ObjectTable(chunks: result)
  }

  /// The commonest change: one object that exists gets a new state.
  private func replacing(_ edit: Edit) -> ObjectTable? {
    guard let object = edit.object else { return nil }
    let index = chunkIndex(edit.key)
    let objects = chunks[index].objects
    let position = Self.partition(objects.count) { Self.precedes(objects[$0].key, edit.key) }
    guard position < objects.count, objects[position].key == edit.key else { return nil }
    let chunk = Chunk(chunks[index], replacing: position, with: object)
    return ObjectTable(self, replacing: index, with: chunk)
  }

  private static func edited(_ chunk: Chunk, _ edits: ArraySlice<Edit>) -> Chunk {
    if edits.count > Chunk.capacity { return Chunk(merged(chunk.objects, edits)) }
    var objects = chunk.objects
    var masks = chunk.masks
    for edit in edits {
      let position = partition(objects.count) { precedes(objects[$0].key, edit.key) }
      let isPresent = position < objects.count && objects[position].key == edit.key
      if isPresent {
        objects.remove(at: position)
        masks.remove(at: position)
      }
      if let object = edit.object {
        objects.insert(object, at: position)
        masks.insert(object.labels.mask, at: position)
      }
    }
    return Chunk(objects, masks)
  }

  private static func merged(_ objects: [Object], _ edits: ArraySlice<Edit>) -> [Object] {
    var result: [Object] = []
    result.reserveCapacity(objects.count + edits.count)
    var index = 0
    for edit in edits {
      while index < objects.count, precedes(objects[index].key, edit.key) {
        result.append(objects[index])
        index += 1
      }
      if index < objects.count, objects[index].key == edit.key { index += 1 }
      if let object = edit.object { result.append(object) }
    }
    result.append(contentsOf: objects[index...])
    return result
  }

  private static func append(_ chunk: Chunk, to chunks: inout [Chunk]) {
    let count = chunk.objects.count
    if count < Chunk.sparse, let last = chunks.last, last.objects.count + count <= Chunk.bulk {
      chunks[chunks.count - 1] = Chunk(last.objects + chunk.objects, last.masks + chunk.masks)
    } else if count > Chunk.capacity {
      chunks.append(contentsOf: split(chunk.objects))
    } else if count > 0 {
      chunks.append(chunk)
    }
  }
}
