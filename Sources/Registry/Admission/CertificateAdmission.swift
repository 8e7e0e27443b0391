import JSONCore
import Objects
import Values

/// Who approves or signs a request for a certificate must be allowed to for its signer.
enum CertificateApproval {
  static func validate(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.resource == .signingRequests, context.subresource == "approval", let old else { return }
    try Signers.require("approve", old, context)
  }
}

/// A certificate, and the word that there will be none, come from the signer.
enum CertificateSigning {
  static func validate(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.resource == .signingRequests, context.subresource == "status", let old else { return }
    let isSame = ["certificate", "conditions"].allSatisfy { object["status"]?[$0] == old["status"]?[$0] }
    if !isSame { try Signers.require("sign", old, context) }
  }
}

private enum Signers {
  /// - Throws: 403. The right is to the signer by its name, or to all of its domain.
  static func require(_ verb: String, _ request: JSON, _ context: WriteContext) throws(Status) {
    let signer = request["spec"]?.text("signerName") ?? ""
    let domain = signer.split(separator: "/", maxSplits: 1).first.map { "\($0)/*" } ?? ""
    for name in [signer, domain] {
      let attributes = Attributes(
        caller: context.caller, verb: verb, group: "certificates.k8s.io", version: "*", resource: "signers", name: name)
      if context.authorize(attributes).isAllowed { return }
    }
    throw context.forbidden("user not permitted to \(verb) requests with signerName \(Status.quoted(signer))")
  }
}

/// Nobody gets a certificate of the group that may do everything.
enum CertificateSubjectRestriction {
  private static let signer = "kubernetes.io/kube-apiserver-client"

  static func validate(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .signingRequests), object["spec"]?.text("signerName") == signer else { return }
    guard let groups = CertificateRequestText.organizations(object["spec"]?.text("request") ?? "") else {
      throw context.forbidden("failed to parse CSR: PEM block type must be CERTIFICATE REQUEST")
    }
    if groups.contains(Caller.mastersGroup) {
      throw context.forbidden("use of \(signer) signer with \(Caller.mastersGroup) group is not allowed")
    }
  }
}

/// As much of a PKCS #10 request as admission wants to know.
enum CertificateRequestText {
  /// `O` in the subject; nil when this is no request.
  /// - Parameter request: PEM in base64, as it stands in `spec.request`.
  static func organizations(_ request: String) -> [String]? {
    guard let pem = Base64.decode(request), let der = body(String(decoding: pem, as: UTF8.self)) else { return nil }
    var outer = DERReader(der[...])
    guard var request = outer.enter(0x30), var info = request.enter(0x30), info.next(0x02) != nil,
      var subject = info.enter(0x30)
    else { return nil }
    var result: [String] = []
    while !subject.isEmpty {
      guard var set = subject.enter(0x31) else { return nil }
      while !set.isEmpty {
        guard var pair = set.enter(0x30), let name = pair.next(0x06), let value = pair.nextAny() else { return nil }
        if name.elementsEqual(organization) { result.append(String(decoding: value, as: UTF8.self)) }
      }
    }
    return result
  }

  /// 2.5.4.10
  private static let organization: [UInt8] = [0x55, 0x04, 0x0A]
  private static let begin = "-----BEGIN CERTIFICATE REQUEST-----"
  private static let end = "-----END CERTIFICATE REQUEST-----"

  private static func body(_ pem: String) -> [UInt8]? {
    let lines = pem.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace || $0 == " " } }
    guard let first = lines.firstIndex(of: begin), let last = lines.firstIndex(of: end), first < last else {
      return nil
    }
    return Base64.decode(lines[(first + 1)..<last].joined())
  }
}

/// Walks over values in the distinguished encoding of ASN.1.
struct DERReader {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  var isEmpty: Bool { bytes.isEmpty }

  /// The contents of the next value; nil when it is of another tag.
  mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? { bytes.first == tag ? nextAny() : nil }

  /// A reader of what is inside the next value.
  mutating func enter(_ tag: UInt8) -> DERReader? { next(tag).map { DERReader($0) } }

  mutating func nextAny() -> ArraySlice<UInt8>? {
    guard bytes.count >= 2 else { return nil }
    var rest = bytes.dropFirst()
    guard let head = rest.popFirst() else { return nil }
    var length = Int(head)
    if head >= 0x80 {
      let count = Int(head & 0x7F)
      guard (1...4).contains(count), rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard rest.count >= length else { return nil }
    defer { bytes = rest.dropFirst(length) }
    return rest.prefix(length)
  }
}
