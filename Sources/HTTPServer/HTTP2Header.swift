/// Puts HTTP/2's header fields into a request and says what is wrong with it.
enum HTTP2Header {
  static func add(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, to request: RequestArena, _ limits: Limits
  ) {
    // One field beyond the limit is kept, so that `problem` sees it.
    guard request.bytes.count <= limits.headerBytes, request.fields.count <= limits.headerCount else { return }
    guard name.first == UInt8(ascii: ":") else { return request.addField(name, value) }
    switch name.count {
    case 5: request.setTarget(value)  // :path
    case 7 where name[1] == UInt8(ascii: "m"): request.method = Method(value)
    case 10: request.addField(("host" as StaticString).bytes, value)  // :authority
    default: break
    }
  }

  static func problem(_ request: RequestArena, _ limits: Limits) -> HTTP1Parser.Failure? {
    if request.bytes.count > limits.headerBytes || request.fields.count > limits.headerCount {
      return .init(status: 431, message: "the request header is too large")
    }
    var host: ArraySlice<UInt8>?
    for field in request.fields where request.matches(field, ("host" as StaticString).bytes) {
      let value = request.bytes[field.value]
      guard isAuthority(value), host == nil || host == value else {
        return .init(status: 400, message: "malformed or contradictory host")
      }
      host = value
    }
    if let length = request.value("content-length"),
      length.count > 18 || length.reduce(0, { $0 &* 10 &+ Int($1 &- 48) }) > limits.bodyBytes
    {
      return .bodyTooLarge(limits)
    }
    return nil
  }
}
