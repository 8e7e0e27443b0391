import CZlib

/// Header blocks of one connection, packed and unpacked by zlib with a memory of all blocks before.
final class SPDYHeaders {
  /// The most bytes that a block may hold, and the most headers.
  static let byteLimit = 64 * 1024
  static let countLimit = 128

  private let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let deflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init() {
    inflater.initialize(to: z_stream())
    deflater.initialize(to: z_stream())
    inflateInit_(inflater, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    deflateInit_(deflater, Z_DEFAULT_COMPRESSION, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    deflateSetDictionary(deflater, SPDYDictionary.bytes, UInt32(SPDYDictionary.bytes.count))
  }

  deinit {
    inflateEnd(inflater)
    deflateEnd(deflater)
    inflater.deallocate()
    deflater.deallocate()
  }

  /// - Throws: for what cannot be unpacked or is too much; the memory is lost then, and with it the connection.
  func unpack(_ block: [UInt8]) throws(SPDYViolation) -> [(name: String, value: String)] {
    var plain = [UInt8](repeating: 0, count: Self.byteLimit + 1)
    var packed = block
    let count = packed.withUnsafeMutableBufferPointer { input in
      plain.withUnsafeMutableBufferPointer { output -> Int? in
        inflater.pointee.next_in = input.baseAddress
        inflater.pointee.avail_in = UInt32(input.count)
        inflater.pointee.next_out = output.baseAddress
        inflater.pointee.avail_out = UInt32(output.count)
        return run(output.count)
      }
    }
    guard let count, count <= Self.byteLimit else { throw SPDYViolation(message: "a broken header block") }
    return try Self.pairs(plain[..<count])
  }

  private func run(_ capacity: Int) -> Int? {
    while true {
      switch inflate(inflater, Z_SYNC_FLUSH) {
      case Z_NEED_DICT:
        let dictionary = SPDYDictionary.bytes
        guard inflateSetDictionary(inflater, dictionary, UInt32(dictionary.count)) == Z_OK else { return nil }
      case Z_OK:
        if inflater.pointee.avail_in == 0 || inflater.pointee.avail_out == 0 {
          return capacity - Int(inflater.pointee.avail_out)
        }
      case Z_BUF_ERROR: return capacity - Int(inflater.pointee.avail_out)
      default: return nil
      }
    }
  }

  private static func pairs(_ bytes: ArraySlice<UInt8>) throws(SPDYViolation) -> [(name: String, value: String)] {
    var rest = bytes
    func number() throws(SPDYViolation) -> Int {
      guard rest.count >= 4 else { throw SPDYViolation(message: "a header block that ends too soon") }
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
    func text() throws(SPDYViolation) -> String {
      let count = try number()
      guard count <= rest.count else { throw SPDYViolation(message: "a header block that ends too soon") }
      defer { rest = rest.dropFirst(count) }
      return String(decoding: rest.prefix(count), as: UTF8.self)
    }
    let count = try number()
    guard count <= countLimit else { throw SPDYViolation(message: "\(count) headers") }
    var pairs: [(name: String, value: String)] = []
    for _ in 0..<count {
      let name = try text().lowercased()
      for value in try text().split(separator: "\0", omittingEmptySubsequences: false) {
        pairs.append((name, String(value)))
      }
    }
    return pairs
  }

  func pack(_ pairs: [(name: String, value: String)]) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    var plain = number(pairs.count)
    for pair in pairs {
      plain += number(pair.name.utf8.count) + Array(pair.name.utf8)
      plain += number(pair.value.utf8.count) + Array(pair.value.utf8)
    }
    var packed = [UInt8](repeating: 0, count: plain.count + 2048)
    let left = plain.withUnsafeMutableBufferPointer { input in
      packed.withUnsafeMutableBufferPointer { output in
        deflater.pointee.next_in = input.baseAddress
        deflater.pointee.avail_in = UInt32(input.count)
        deflater.pointee.next_out = output.baseAddress
        deflater.pointee.avail_out = UInt32(output.count)
        deflate(deflater, Z_SYNC_FLUSH)
        return Int(deflater.pointee.avail_out)
      }
    }
    return Array(packed.dropLast(left))
  }
}
