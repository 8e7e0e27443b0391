/// Which images cannot be pulled. Nothing is looked up anywhere: the name itself says so, as in exercises and tests that
/// need an image that does not exist.
///
/// An image is missing when a part of its name or its tag, cut at `/`, `-`, `_`, `.` and `:`, is one of these words or ends in
/// them: `nosuch…`, `no-such-…`, `does-not-exist`, `doesnotexist`, `nonexistent`, `non-existent`, `notfound`, `not-found`,
/// `missing`, `invalid`, `wrong`, `typo`, `bogus`, `fake`; or when it is one of the misspelt names of well-known tutorials
/// (`nginx:1.161`, `ngnix`, `ngin`, `nginxx`, `busyboxx`), or has the tag `404`. The annotation `sim.swiftlet.dev/pull-error` says it of any other,
/// and with the value `none` takes it back.
enum MissingImages {
  private static let words: Set<String> = [
    "nosuch", "nosuchimage", "nosuchtag", "doesnotexist", "nonexistent", "nonexisting", "notfound", "missing",
    "invalid",
    "wrong", "typo", "bogus", "fake", "unknown",
  ]

  /// Words that are written with dashes between them.
  private static let phrases = ["no-such", "does-not-exist", "doesnt-exist", "non-existent", "not-found", "not-exist"]

  private static let misspelt: Set<String> = ["ngnix", "ngin", "nginxx", "nignx", "busyboxx", "redis123", "ubunut"]

  /// The message of a pull that cannot succeed; nil for images that are taken to exist.
  static func message(_ image: String) -> String? {
    let name = ImageReference(image)
    let parts = name.repository.split(separator: "/").map(String.init)
    let path = parts.dropFirst().joined(separator: "/").lowercased()
    let isUnknown = says(path) || misspelt.contains(name.short)
    guard isUnknown || says(name.tag.lowercased()) || ["1.161", "404"].contains(name.tag) else { return nil }
    let failure =
      "failed to pull and unpack image \"\(name.full)\": failed to resolve reference \"\(name.full)\": "
    // Docker's registry does not tell strangers whether a repository is private or not there.
    if isUnknown, parts.first == "docker.io" {
      return "rpc error: code = Unknown desc = \(failure)pull access denied, repository does not exist or may require "
        + "authorization: server message: insufficient_scope: authorization failed"
    }
    return "rpc error: code = NotFound desc = \(failure)\(name.full): not found"
  }

  /// Whether a part of a name is one of the words.
  private static func says(_ text: String) -> Bool {
    text.split { "/-_.:".contains($0) }.contains { part in
      words.contains(String(part)) || part.hasPrefix("nosuch") || part.hasPrefix("doesnotexist")
    } || phrases.contains { text.contains($0) }
  }
}
