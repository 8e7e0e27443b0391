import JSONCore
import Testing
import Values

@testable import NodeAgent

/// The helper image's programs that tests of service accounts run.
@Suite struct AgnhostTests {
  private func run(_ words: [String], files: [String: String] = [:]) -> ShellTests.Outcome {
    var world = ShellTests.world()
    for (path, text) in files { world.root.write(path, text) }
    return ShellTests.run(["/agnhost"] + words, strangers: .serve, in: &world)
  }

  @Test func tokensAreReadForWhomTheyAreMeant() {
    let claims: JSON = ["iss": "https://cluster", "aud": ["me"], "exp": 1_767_225_700]
    let token = "e30.\(Base64.encodeURL(Array(claims.text.utf8))).c2ln"
    func look(_ audience: String, _ text: String) -> Int? {
      let words = ["test-service-account-issuer-discovery", "--token-path", "/token", "--audience", audience]
      return run(words, files: ["token": text]).code
    }
    #expect(look("me", token) == 0)
    #expect(look("you", token) == 1)
    #expect(look("me", "a.b") == 1 && look("me", "") == 1 && look("me", "a.%.c") == 1)
    let old: JSON = ["iss": "https://cluster", "aud": ["me"], "exp": 1_767_225_600]
    #expect(look("me", "e30.\(Base64.encodeURL(Array(old.text.utf8))).c2ln") == 1)
  }
}
