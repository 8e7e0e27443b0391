import Testing
import Values

@testable import NodeAgent

/// The small shell: programs, what they write, how they end and how long they take.
@Suite struct ShellTests {
  struct Outcome: Equatable {
    var lines: [String] = []
    /// nil: it runs for ever.
    var code: Int?
    var time = Duration.zero
  }

  struct Network: SimulatedNetwork {
    func addresses(of host: String) -> [String] { host == "db" ? ["10.96.0.7"] : [] }
    func route(to host: String, port: Int, _ transport: Transport) -> PortRoute {
      host == "db" ? port == 5432 ? .outside : .refused : .unknownHost
    }
  }

  static func world() -> ShellWorld {
    var world = ShellWorld(now: Instant(seconds: 1_767_225_600), hostname: "web-0", network: Network())
    world.mounts = [
      ContainerMount(path: "etc/config", volume: .live { ["color": "blue", "size": "3\n"] }, isReadOnly: true),
      ContainerMount(path: "cache", volume: .stored("pod/u/cache")),
    ]
    return world
  }

  @Test func aHostHasAFullName() {
    var world = Self.world()
    #expect(Self.run(["hostname", "-f"], in: &world).lines == ["web-0"])
    let line = "10.244.1.2\\tweb-0.web.shop.svc.cluster.local\\tweb-0"
    let words = ["sh", "-c", "printf '\(line)\\n' > /etc/hosts; hostname -f; hostname -d; hostname -s"]
    #expect(
      Self.run(words, in: &world).lines == ["web-0.web.shop.svc.cluster.local", "web.shop.svc.cluster.local", "web-0"])
  }

  /// Runs to the end, or to the first moment from which nothing changes, or for so long.
  static func run(
    _ words: [String], _ environment: [String: String] = ["A": "1", "HOME": "/root"],
    strangers: Shell.Strangers = .missing(from: .busybox), for limit: Duration = .seconds(600),
    in world: inout ShellWorld
  ) -> Outcome {
    var process = ShellProcess(Shell(words: words, environment, strangers), at: world.now)
    let start = world.now
    var outcome = Outcome()
    while world.now - start < limit {
      switch process.next(&world) {
      case .line(let text), .output(let text, _): outcome.lines.append(text)
      case .wait(let moment): world.now = moment
      case .idle: return outcome
      case .exit(let code):
        outcome.code = code
        outcome.time = world.now - start
        return outcome
      }
    }
    return outcome
  }

  static func sh(_ text: String, for limit: Duration = .seconds(600)) -> Outcome {
    var world = world()
    return run(["sh", "-c", text], for: limit, in: &world)
  }

  @Test(
    arguments: [
      ("echo hello", ["hello"], 0), ("echo a; echo b", ["a", "b"], 0), ("echo -n a; echo b", ["ab"], 0),
      ("exit 3", [], 3), ("true && echo yes", ["yes"], 0), ("false && echo yes", [], 1),
      ("false || echo no", ["no"], 0), ("! false", [], 0), ("false; echo $?", ["1"], 0),
      ("echo $A ${B:-x} ${A:+set} \"$B\" '$A'", ["1 x set  $A"], 0), ("B=2; echo ${B}${A}", ["21"], 0),
      ("echo ${B:=7}; echo $B ${#B}", ["7", "7 1"], 0), ("F=/a/b.txt; echo ${F##*/} ${F%.txt}", ["b.txt /a/b"], 0),
      ("for i in 1 2 3; do echo n$i; done", ["n1", "n2", "n3"], 0),
      ("for i in $(seq 1 3); do echo -n $i; done; echo", ["123"], 0),
      ("for i in {1..3}; do echo $i; done", ["1", "2", "3"], 0),
      ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done", ["1", "2", "3"], 0),
      ("i=0; until [ $i -eq 2 ]; do echo $i; i=`expr $i + 1`; done", ["0", "1"], 0),
      ("for i in 1 2 3 4; do if [ $i = 2 ]; then continue; fi; [ $i = 4 ] && break; echo $i; done", ["1", "3"], 0),
      ("if [ -f /nope ]; then echo a; elif [ -d /tmp ]; then echo b; else echo c; fi", ["b"], 0),
      ("case $A in 0) echo zero;; 1|2) echo few;; *) echo many;; esac", ["few"], 0),
      ("greet() { echo hi $1; }; greet you", ["hi you"], 0), ("echo a b c | wc -w", ["3"], 0),
      ("printf '%s-%03d\\n' x 7", ["x-007"], 0), ("echo '{\"a\": 1}' | grep -c a", ["1"], 0),
      ("(cd /tmp; pwd); pwd", ["/tmp", "/"], 0), ("echo one # two", ["one"], 0),
      ("echo $((2*(3+4))) $((7%4))", ["14 3"], 0),
      ("set -e; false; echo never", [], 1), ("set -e; false || true; echo on", ["on"], 0),
      ("cat <<EOF\na $A\nEOF\necho b", ["a 1", "b"], 0), ("echo a >&2", ["a"], 0), ("foo", ["sh: foo: not found"], 127),
      ("echo \"a\\\"b\" a\\ b", ["a\"b a b"], 0), ("hostname; echo $HOSTNAME", ["web-0", ""], 0),
      ("sh -c 'echo $0 $1' x y", ["x y"], 0), ("export B=5; sh -c 'echo $B'", ["5"], 0), ("test 3 -gt 2", [], 0),
      ("X=$(false); echo $?", ["1"], 0), ("A=9 env | grep ^A=", ["A=9"], 0), ("kill -9 1; echo still", ["still"], 0),
      ("trap 'echo bye' EXIT; exit 2", ["bye"], 2), ("echo a | tr a-z A-Z", ["A"], 0),
      ("echo YmFzZQ== | base64 -d", ["base"], 0), ("yes | head -n 2", ["y", "y"], 0),
    ] as [(String, [String], Int)])
  func programs(_ text: String, _ lines: [String], _ code: Int) {
    let outcome = Self.sh(text)
    #expect(outcome.lines == lines)
    #expect(outcome.code == code)
  }

  @Test(
    arguments: [
      ("cat /etc/config/color", ["blue"], 0), ("ls /etc/config", ["color", "size"], 0),
      ("echo x > /cache/f; cat /cache/f", ["x"], 0), ("echo x > /tmp/f; echo y >> /tmp/f; cat /tmp/f", ["x", "y"], 0),
      ("echo x > /etc/config/new", ["sh: can't create /etc/config/new: Read-only file system"], 1),
      ("cat /nope", ["cat: can't open '/nope': No such file or directory"], 1),
      (
        "touch /tmp/healthy; rm -f /tmp/healthy; cat /tmp/healthy",
        ["cat: can't open '/tmp/healthy': No such file or directory"], 1
      ),
      ("mkdir -p /tmp/a; cp /etc/config/color /tmp/a; cat /tmp/a/*", ["blue"], 0),
      ("while read line; do echo [$line]; done < /etc/config/size", ["[3]"], 0),
      ("echo a | tee /tmp/t; cat /tmp/t", ["a", "a"], 0), ("[ -e /etc/config/color ] && echo there", ["there"], 0),
    ] as [(String, [String], Int)])
  func files(_ text: String, _ lines: [String], _ code: Int) {
    #expect(Self.sh(text) == Outcome(lines: lines, code: code))
  }

  @Test(
    arguments: [
      ("sleep 5", 5), ("sleep 1m; sleep 0.5 && sleep .5", 61), ("echo $(sleep 2; echo a)", 2),
      ("sleep 9 & sleep 2; wait", 9), ("sleep 9 & sleep 2", 2), ("for i in 1 2 3; do sleep 2; done", 6),
      ("sleep 2 | cat", 2), ("timeout 5 sleep 3", 3), ("timeout 2 sleep 5; true", 2),
      ("(while true; do echo a; sleep 2; done) | head -3", 4), ("timeout 3 tail -f /dev/null; true", 3),
    ] as [(String, Int)])
  func time(_ text: String, _ seconds: Int) {
    let outcome = Self.sh(text)
    #expect(outcome.code == 0)
    #expect(outcome.time == .seconds(seconds))
  }

  @Test(arguments: [
    "sleep infinity", "tail -f /dev/null", "while true; do :; done", "while true; do echo x; sleep 1; done",
    "exec sleep infinity", "trap : TERM; sleep infinity & wait",
  ])
  func endless(_ text: String) { #expect(Self.sh(text).code == nil) }

  @Test func theDateIsThatOfTheWorld() {
    #expect(Self.sh("date; sleep 2; date +%s").lines == ["Thu Jan  1 00:00:00 UTC 2026", "1767225602"])
    #expect(Self.sh("echo $(date +%Y-%m-%d)").lines == ["2026-01-01"])
  }

  @Test func aLoopThatNeverWaitsIsHeldBack() {
    let outcome = Self.sh("while true; do echo x; done")
    #expect(outcome.lines.count >= 600 && outcome.lines.count <= 600 * Shell.lineLimit + Shell.lineLimit)
  }

  /// None of these takes time by itself, and each comes back all the same.
  @Test(arguments: [
    "while true; do sleep 0; done", "while true; do wait; done", "while true; do true & wait; done",
    "while true; do timeout 5 sleep 0; done", "while true; do x=$(sleep 0); done",
    "f() { x=$(f; f; f); }; while true; do f; done",
  ])
  func aLoopWithoutTimeIsHeldBack(_ text: String) { #expect(Self.sh(text, for: .seconds(10)).code == nil) }

  @Test func unknownProgramsInALoopAreHeldBack() {
    var world = Self.world()
    let outcome = Self.run(
      ["sh", "-c", "while unknowntool; do :; done"], strangers: .finish(after: .zero), for: .seconds(10), in: &world)
    #expect(outcome.code == nil)
  }

  @Test func programsWithinProgramsHaveOneLimitForAll() {
    let nested = (0..<6).reduce("echo a") { inner, level in
      "for v\(level) in $(seq 1 150); do x=$(\(inner)); done"
    }
    #expect(Self.sh(nested).code == nil)
  }

  @Test(arguments: [
    "! ", "a && ", "if true; then :; elif ", "env ", "{ ", "( ", "echo $(", "nohup time ",
  ])
  func endlessNestingIsRefused(_ piece: String) {
    #expect(Self.sh(String(repeating: piece, count: 3000) + "true").code != 0)
  }

  @Test(
    arguments: [
      ("echo {-9223372036854775808..0}", ["{-9223372036854775808..0}"]),
      ("echo {9223372036854775807..-9223372036854775808}", ["{9223372036854775807..-9223372036854775808}"]),
      ("echo a:b | cut -d: -f-9223372036854775808", ["a"]),
      ("F=a,b,c; echo ${F%%,*} ${F%,*} ${F#*,} ${F##*,} ${F%[bc]}", ["a a,b b,c c a,b,"]),
      ("echo -n a; echo -n b; echo c; echo d", ["abc", "d"]),
    ] as [(String, [String])])
  func textsAtTheirLimits(_ text: String, _ lines: [String]) { #expect(Self.sh(text).lines == lines) }

  @Test func aLineWithoutEndComesInPieces() {
    let lines = Self.sh("while true; do echo -n 0123456789; done", for: .seconds(60)).lines
    #expect(!lines.isEmpty && lines.allSatisfy { $0.utf8.count < 2 * Shell.partialLimit })
  }

  @Test func waitingForAServiceEndsWhenItIsThere() {
    #expect(Self.sh("until nslookup db; do echo waiting; sleep 2; done").code == 0)
    #expect(Self.sh("until nslookup other; do echo waiting; sleep 2; done").code == nil)
    #expect(Self.sh("nc -z db 5432 && echo up").lines == ["up"])
    var world = Self.world()
    #expect(Self.run(["pg_isready", "-h", "db", "-p", "5432"], strangers: .serve, in: &world).code == 0)
    #expect(Self.sh("wget -qO- http://db:80").code == 1)
  }

  @Test func programsOfOtherImagesAreServers() {
    var world = Self.world()
    let server = Self.run(["sh", "-c", "mkdir /x; ./migrate && exec server"], strangers: .serve, in: &world)
    #expect(server.code == nil)
    let task = Self.run(
      ["sh", "-c", "./migrate && echo done"], strangers: .finish(after: .seconds(1)), in: &world)
    #expect(task.code == 0)
    #expect(task.lines.last == "done")
    #expect(task.time == .seconds(1))
  }

  @Test func scriptsCanBeMounted() {
    var world = Self.world()
    world.mounts.append(ContainerMount(path: "scripts", volume: .live { ["run.sh": "#!/bin/sh\necho ran $1\n"] }))
    #expect(Self.run(["/scripts/run.sh", "now"], in: &world).lines == ["ran now"])
    #expect(Self.run(["sh", "/scripts/run.sh", "then"], in: &world).lines == ["ran then"])
  }

  @Test func aTrapHearsTheWishToEnd() {
    var world = Self.world()
    var process = ShellProcess(
      Shell(
        words: ["sh", "-c", "trap 'echo bye; exit 0' TERM; while true; do sleep 1; done"], [:], .missing(from: .busybox)
      ),
      at: world.now)
    let first = process.next(&world)
    let hears = process.hear("TERM", at: world.now)
    let rest = [process.next(&world), process.next(&world)]
    #expect(first == .wait(until: world.now + .seconds(1)))
    #expect(hears)
    #expect(rest == [.line("bye"), .exit(0)])
  }

  @Test(arguments: [
    "if true; then", "echo $(", "while true; do echo", "echo 'a", "case x in", "f() {", "${", "))", "do", ";;",
  ])
  func whatCannotBeParsedSaysSo(_ text: String) {
    #expect(throws: ShellSyntaxError.self) { try ShellParser.parse(text) }
  }

  @Test func deepNestingIsRefusedAndLongProgramsEnd() {
    #expect(throws: ShellSyntaxError.self) { try ShellParser.parse(String(repeating: "(", count: 10_000)) }
    #expect(throws: ShellSyntaxError.self) { try ShellParser.parse(String(repeating: "$(", count: 10_000)) }
    #expect(Self.sh("f() { f; }; f").code == 2)
    #expect(Self.sh("a=$(eval \"$x\"); x='echo $(eval \"$x\")'; eval \"$x\"").code != nil)
  }
}
