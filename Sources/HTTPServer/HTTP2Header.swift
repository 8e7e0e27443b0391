/// Puts HTTP/2's header fields into a request and says what is wrong with it.
enum HTTP2Header {
  static func add(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, to request: inout Request, _ limits: Limits
  ) {
    // One field beyond the limit is kept, so that `problem` sees it.
    guard request.headerBytes <= limits.headerBytes, request.fields.count <= limits.headerCount else { return }
    guard name.first == UInt8(ascii: ":") else { return request.addField(name, value) }
    switch name.count {
    case 5: request.setTarget(value)  // :path
    case 7 where name[1] == UInt8(ascii: "m"): request.method = Method(value)
    case 10: request.addField(("host" as StaticString).bytes, value)  // :authority
    default: break
    }
  }

  static func problem(_ request: Request, _ limits: Limits) -> HTTP1Parser.Failure? {
    if request.headerBytes > limits.headerBytes || request.fields.count > limits.headerCount {
      return .init(status: 431, message: "the request header is too large")
    }
    let hosts = request.fields.lazy.filter { $0.name.count == 4 }.map { request.arena[$0] }
      .filter { $0.name.elementsEqual(("host" as StaticString).bytes) }
    if let first = hosts.first?.value {
      guard isAuthority(first), hosts.allSatisfy({ $0.value.elementsEqual(first) }) else {
        return .init(status: 400, message: "malformed or contradictory host")
      }
    }
    if let length = request.headerBytes("content-length"),
      length.count > 18 || length.reduce(0, { $0 * 10 + Int($1 &- 48) }) > limits.bodyBytes
    {
      return .bodyTooLarge(limits)
    }
    return nil
  }
}

extension [UInt8] {
  fileprivate subscript(field: Request.Field) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
    (
      self[Int(field.name.lowerBound)..<Int(field.name.upperBound)],
      self[Int(field.value.lowerBound)..<Int(field.value.upperBound)]
    )
  }
}
