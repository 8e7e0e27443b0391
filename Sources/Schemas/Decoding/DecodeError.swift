/// Why a body is not an object of its kind, in the words that clients of the stock server know.
public struct DecodeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }

  /// The message of the 400 that answers such a body.
  public func message(for kind: GroupVersionKind) -> String {
    "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(message)"
  }
}
