import CZlib
import Values

/// The blobs as one gzip member at level 1, zlib's fastest; nil when zlib has no memory.
public func gzip(_ blobs: [Blob]) -> Blob? {
  var stream = z_stream()
  // 16 asks for a gzip wrapper around the largest window; 8 is zlib's default memory level.
  guard
    deflateInit2_(
      &stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { return nil }
  defer { deflateEnd(&stream) }
  let plainCount = blobs.reduce(0) { $0 + $1.count }
  let bound = Int(deflateBound(&stream, UInt(plainCount)))
  var packed = [UInt8](repeating: 0, count: bound)
  let isComplete = packed.withUnsafeMutableBufferPointer { output in
    stream.next_out = output.baseAddress
    stream.avail_out = UInt32(clamping: output.count)
    for blob in blobs {
      stream.next_in = UnsafeMutablePointer(mutating: blob.base)
      stream.avail_in = UInt32(clamping: blob.count)
      guard deflate(&stream, Z_NO_FLUSH) == Z_OK || blob.count == 0, stream.avail_in == 0 else { return false }
    }
    return deflate(&stream, Z_FINISH) == Z_STREAM_END
  }
  return isComplete ? Blob(packed[..<Int(stream.total_out)]) : nil
}

/// What a gzip member holds; nil when it is none, or when zlib has no memory.
/// - Parameter limit: the most bytes that may come out of it.
public func gunzip(_ packed: Blob, limit: Int = 64 << 20) -> Blob? {
  var stream = z_stream()
  guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
  defer { inflateEnd(&stream) }
  stream.next_in = UnsafeMutablePointer(mutating: packed.base)
  stream.avail_in = UInt32(clamping: packed.count)
  var plain = [UInt8](repeating: 0, count: min(limit, max(4096, packed.count * 12)))
  while true {
    let done = Int(stream.total_out)
    let status = plain.withUnsafeMutableBufferPointer { output in
      stream.next_out = output.baseAddress! + done
      stream.avail_out = UInt32(clamping: output.count - done)
      return inflate(&stream, Z_NO_FLUSH)
    }
    if status == Z_STREAM_END { return Blob(plain[..<Int(stream.total_out)]) }
    guard status == Z_OK, Int(stream.total_out) == plain.count, plain.count < limit else { return nil }
    plain.append(contentsOf: [UInt8](repeating: 0, count: min(plain.count, limit - plain.count)))
  }
}
