import JSONCore

extension ObjectSchema {
  /// Brings a body into the form in which it is stored: types checked, undeclared fields dropped, nulls dropped, times and
  /// quantities normalised, defaults set.
  /// - Parameters:
  ///   - stored: an object that this was made from and that is decoded already; its untouched parts are kept as they are.
  ///   - unknown: receives the paths of the dropped fields: `spec.containers[0].imagee`.
  /// - Throws: in the words of Go's JSON decoder, which clients show to their users.
  public func decode(
    _ json: JSON, stored: JSON? = nil, unknown: inout [String], setsDefaults: Bool = true
  ) throws(DecodeError) -> JSON {
    try BodyDecoder.decode(json, self, setsDefaults: setsDefaults, stored: stored, unknown: &unknown)
  }

  /// Sets what is absent in an object that is known to be well formed; leaves one alone that is not.
  public func applyDefaults(_ json: inout JSON) {
    var unknown: [String] = []
    do { json = try decode(json, unknown: &unknown) } catch { return }
  }
}

extension Kind {
  /// As `ObjectSchema.decode`.
  public func decode(_ json: JSON, stored: JSON? = nil, unknown: inout [String]) throws(DecodeError) -> JSON {
    try schema.decode(json, stored: stored, unknown: &unknown)
  }

  /// As `ObjectSchema.applyDefaults`.
  public func applyDefaults(_ json: inout JSON) { schema.applyDefaults(&json) }
}
