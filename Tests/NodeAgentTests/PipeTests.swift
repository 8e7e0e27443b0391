import Testing
import Values

@testable import NodeAgent

/// Writers and devices without an end, their readers, and files of any bytes.
@Suite struct PipeTests {
  @Test(
    arguments: [
      ("yes | head -3; echo done", ["y", "y", "y", "done"]),
      ("while true; do echo x; done | head -2; echo done", ["x", "x", "done"]),
      ("yes | cat | tr y z | head -n 1", ["z"]), ("yes | grep -q y && echo found", ["found"]),
      ("yes | grep -m 1 y", ["y"]), ("yes | sed 2q", ["y", "y"]), ("yes | awk 'NR==2 {print NR; exit}'", ["2"]),
      ("yes | (read a; echo $a)", ["y"]), ("A=$(yes | head -1); echo $A $(yes n | head -n 1)", ["y n"]),
      ("tr -dc a-z0-9 </dev/urandom | head -c 8 | wc -c", ["8"]),
      ("cat /dev/urandom | tr -dc A-Z | head -c 20 | grep -c '^[A-Z]*$'", ["1"]),
      ("head -c 16 /dev/urandom | base64 | wc -c", ["25"]), ("head -c 100000 </dev/zero | wc -c", ["100000"]),
      ("dd if=/dev/zero of=/tmp/f bs=1k count=4 2>/dev/null; wc -c /tmp/f", ["4096 /tmp/f"]),
      ("dd if=/dev/urandom of=/tmp/f bs=1k count=4 2>/dev/null; stat -c %s /tmp/f", ["4096"]),
      ("[ -c /dev/zero ] && echo device", ["device"]), ("echo x > /dev/null; echo $?", ["0"]),
      ("echo x > /dev/full; echo $?", ["sh: write error: No space left on device", "1"]),
      ("timeout 1 sleep 5; echo $?", ["143"]), ("(exit 3); echo $?; sh -c 'exit 4'; echo $?", ["3", "4"]),
      ("echo abc | base64 -w 0", ["YWJjCg=="]), ("timeout 2 sh -c 'sleep 1; exit 3'; echo $?", ["3"]),
      ("echo $((2**10)) $((2**3**2)) $((6&3)) $((1<<4)) $((5|2)) $((-2**2))", ["1024 512 2 16 7 4"]),
      ("[[ abc =~ ^a.c$ ]] && echo yes", ["yes"]),
      ("[[ abc =~ ^(a|x)b ]] && echo yes; [[ a.c =~ a\\.c ]] && echo dot", ["yes", "dot"]),
      ("[[ a == a && b == b ]] && echo both; [[ a == b || b == b ]] && echo one", ["both", "one"]),
      ("set -o pipefail; yes | head -1; echo $?", ["y", "141"]), ("false | true; echo $?", ["0"]),
      ("set -o pipefail; false | true; echo $?; set +o pipefail; false | true; echo $?", ["1", "0"]),
      ("[[ abc =~ x ]] || echo no", ["no"]),
      ("printf 'a\\r\\nb\\r\\n' | tr -d '\\r'", ["a", "b"]), ("printf 'a\\r\\nb\\r\\n' | wc -l", ["2"]),
      ("free -m | grep -c 32768", ["1"]),
      ("mkdir -p /tmp/d/e; touch /tmp/d/e/f; ls -R /tmp/d", ["/tmp/d:", "e", "", "/tmp/d/e:", "f"]),
      (
        "mkdir /tmp/a /tmp/b; ln -s x /tmp/a/l; cd /tmp; tar cf - a | tar xf - -C /tmp/b; readlink /tmp/b/a/l", ["x"]
      ),
      (
        "head -c 1000000 /dev/urandom > /tmp/f; cat /tmp/f > /tmp/g; wc -c < /tmp/g",
        ["1000000"]
      ),
    ] as [(String, [String])])
  func commands(_ text: String, _ lines: [String]) {
    let outcome = ShellTests.sh(text)
    #expect(outcome.lines == lines)
    #expect(outcome.code == 0)
  }

  @Test(arguments: ["yes | sort", "yes > /dev/null", "cat /dev/zero > /dev/null", "yes | wc -l", "md5sum /dev/zero"])
  func hasNoEnd(_ text: String) {
    let outcome = ShellTests.sh(text, for: .seconds(60))
    #expect(outcome.code == nil && outcome.lines.isEmpty)
  }

  @Test func aFullDiskEndsItsWriter() {
    let outcome = ShellTests.sh("yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | head -c 100000 > /tmp/f; echo $?")
    #expect(outcome.lines == ["0"])
    var world = ShellTests.world()
    world.room = 1000
    #expect(ShellTests.run(["sh", "-c", "yes > /tmp/f; echo over"], in: &world).lines.last == "over")
  }

  @Test func bytesAreCountedAsTheyAre() {
    let bytes: [UInt8] = [0, 0xFF, 0x80, 0xC3, 0x28, 0x0A, 0xFE]
    var world = ShellTests.world()
    world.root.write("tmp/f", RawText.text(bytes))
    let outcome = ShellTests.run(
      [
        "sh", "-c",
        "wc -c < /tmp/f; stat -c %s /tmp/f; base64 /tmp/f; base64 /tmp/f | base64 -d | md5sum; md5sum < /tmp/f",
      ],
      in: &world)
    let sum = MD5.digest(of: bytes) + "  -"
    #expect(outcome.lines == ["7", "7", "AP+AwygK/g==", sum, sum])
    #expect(RawText.bytes(RawText.opaque(bytes)) == bytes && RawText.count(RawText.opaque(bytes)) == 7)
  }

  @Test func randomNumbersComeFromASeed() {
    func run(_ seed: UInt64) -> [String] {
      var world = ShellTests.world()
      world.random = RandomBytes(seed: seed)
      return ShellTests.run(
        ["sh", "-c", "head -c 9 /dev/urandom | base64; head -c 9 /dev/urandom | base64"], in: &world
      )
      .lines
    }
    #expect(run(1) == run(1) && run(1) != run(2) && run(1)[0] != run(1)[1])
  }

  @Test func serversLackWhatIsNotTheirs() {
    #expect(ImagePrograms.failure(["jq"], image: "nginx:1.27", main: []) != nil)
    #expect(ImagePrograms.failure(["sh"], image: "nginx:1.27", main: []) == nil)
    #expect(ImageFiles.release("nginx:1.27")?.contains("ID=debian") == true)
    #expect(ImageFiles.release("redis:7-alpine")?.contains("ID=alpine") == true)
    #expect(ImageFiles.release("busybox") == nil)
  }
}
