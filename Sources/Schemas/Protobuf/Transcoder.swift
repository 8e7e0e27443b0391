import JSONCore
import Values

/// Writes protobuf straight from JSON text: one walk over the bytes, guided by the type's `WireTable`, with nothing decoded
/// and nothing allocated for a value.
///
/// JSON has the fields in the order of their names, protobuf in the order of their numbers. An object's fields are written
/// as they come; when it ends, they are put in order. What is absent is left out, which readers take for the zero value;
/// so are values of another type than the schema's, which decoding has refused before.
struct Transcoder: ~Copyable {
  var out: ProtobufWriter
  var text: RawJSON.Cursor
  private var segments = Segments()
  /// What is being put in order.
  private var scratch = ProtobufWriter(capacity: 1024)
  private var depth = 0

  /// Deeper than any kind of the API nests, but for JSON schemas: those are cut off where no reader follows.
  private static let maximumDepth = 1000

  init(capacity: Int) {
    out = ProtobufWriter(capacity: capacity)
    text = RawJSON.Cursor(UnsafeBufferPointer(start: nil, count: 0))
  }

  /// What has been written, and the end of the transcoder.
  consuming func blob() -> Blob { out.blob() }

  /// Appends an object's message, without a tag and a length.
  mutating func message(_ object: Blob, _ schema: ObjectSchema) {
    text = RawJSON.Cursor(object.bytes)
    message(schema)
    withExtendedLifetime(object) {}
  }

  /// Appends the message of the object that comes next.
  mutating func message(_ schema: ObjectSchema) {
    guard depth < Self.maximumDepth, text.byte == UInt8(ascii: "{") else {
      text.value()
      return
    }
    depth += 1
    text.advance()
    let (first, start) = (segments.count, out.count)
    var isOrdered = true
    var last = -1
    while text.byte == UInt8(ascii: "\"") {
      var isPlain = true
      let name = text.string(isPlain: &isPlain)
      _ = text.take(UInt8(ascii: ":"))
      if let field = field(name, schema) {
        let begin = out.count
        value(field.pointee.form, field.pointee.number)
        segments.push(Segment(field: field, start: begin - start, count: out.count - begin), from: first)
        isOrdered = isOrdered && field.pointee.order > last && field.pointee.around.0 == 0
        last = field.pointee.order
      } else {
        text.value()
      }
      guard text.take(UInt8(ascii: ",")) else { break }
    }
    _ = text.take(UInt8(ascii: "}"))
    if !isOrdered { reorder(from: first, start) }
    segments.truncate(to: first)
    depth -= 1
  }

  /// The field of a member that travels; nil for the others, and where its value is null.
  @inline(__always)
  private func field(_ name: UnsafeBufferPointer<UInt8>, _ schema: ObjectSchema) -> UnsafePointer<WireField>? {
    guard text.byte != UInt8(ascii: "n"), let position = schema.table.position(of: name) else { return nil }
    let field = schema.wire.fields + position
    return field.pointee.number > 0 ? UnsafePointer(field) : nil
  }

  /// Puts the fields of an object, which were written from `start` on, into the order of their numbers.
  private mutating func reorder(from first: Int, _ start: Int) {
    scratch.truncate(to: 0)
    scratch.raw(UnsafeBufferPointer(rebasing: out.bytes[start...]))
    out.truncate(to: start)
    append(first..<segments.count, level: 0)
  }

  /// Appends sorted fields; those that protobuf nests deeper than JSON come in a message of their own.
  private mutating func append(_ range: Range<Int>, level: Int) {
    var index = range.lowerBound
    while index < range.upperBound {
      let segment = segments[index]
      let around = segment.field.pointee.around(level)
      if around == 0 {
        let bytes = scratch.bytes[segment.start..<segment.start + segment.count]
        out.raw(UnsafeBufferPointer(rebasing: bytes))
        index += 1
        continue
      }
      var end = index + 1
      while end < range.upperBound, segments[end].field.pointee.around(level) == around { end += 1 }
      let mark = out.open(around)
      append(index..<end, level: level + 1)
      out.close(mark)
      index = end
    }
  }
}

/// Where a field's bytes stand, counted from the beginning of its object.
private struct Segment {
  let field: UnsafePointer<WireField>
  let start: Int
  let count: Int
}

/// The fields of the objects that are open, each object's sorted by number.
private struct Segments: ~Copyable {
  private var base = UnsafeMutablePointer<Segment>.allocate(capacity: 64)
  private var capacity = 64
  private(set) var count = 0

  deinit { base.deallocate() }

  subscript(index: Int) -> Segment { base[index] }

  /// Inserts a segment among those of its object, which begin at `first`.
  mutating func push(_ segment: Segment, from first: Int) {
    if count == capacity { grow() }
    var index = count
    let order = segment.field.pointee.order
    while index > first, base[index - 1].field.pointee.order > order {
      base[index] = base[index - 1]
      index -= 1
    }
    base[index] = segment
    count += 1
  }

  mutating func truncate(to count: Int) { self.count = count }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Segment>.allocate(capacity: capacity * 2)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
