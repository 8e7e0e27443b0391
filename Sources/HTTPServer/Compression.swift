import CZlib
import Values

/// The blobs as one gzip member at level 1, zlib's fastest; nil when zlib has no memory.
func gzip(_ blobs: [Blob]) -> Blob? {
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
