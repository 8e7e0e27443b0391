import JSONCore
import Objects

/// The answers to patches that cannot be applied.
public enum PatchStatus {
  /// 422 for an operation that does not fit; the stock server says no more than this.
  public static let rejected = Status(
    code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
    details: Status.Details())
}

extension JSON {
  /// The document after a JSON patch (RFC 6902).
  /// - Throws: 400 for a body that is no list of operations, 413 for too many, 422 for one that does not fit.
  public func applying(jsonPatch patch: JSON) throws(Status) -> JSON {
    do {
      return try JSONPatch(patch).applied(to: self)
    } catch {
      switch error {
      case .malformed(let message): throw .badRequest(message)
      case .failed: throw PatchStatus.rejected
      case .tooManyOperations(let count):
        throw Status(
          code: 413, reason: "RequestEntityTooLarge",
          message: "Request entity too large: The allowed maximum operations in a JSON patch is "
            + "\(JSONPatch.maximumOperations), got \(count)")
      }
    }
  }

  /// The document after a merge patch (RFC 7386).
  /// - Throws: 400 for a patch that is no object.
  public func applying(mergePatch patch: JSON) throws(Status) -> JSON {
    guard case .object = patch else {
      if patch.isNull { return self }
      throw .badRequest(
        "error decoding patch: json: cannot unmarshal \(patch.goKind) into Go value of type map[string]interface {}")
    }
    return merging(patch)
  }
}
