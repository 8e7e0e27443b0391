import Testing
import Values

@testable import NodeAgent

/// The tools around the shell: what they make of texts and files, and what images lack.
@Suite struct ShellToolTests {
  @Test(
    arguments: [
      ("echo hello | sed s/l/L/g", ["heLLo"]), ("printf 'a\\nb\\nc\\n' | sed -n 2p", ["b"]),
      ("printf 'a\\nb\\nc\\n' | sed '/b/d;s/c/[&]/'", ["a", "[c]"]),
      ("echo k=v | sed -E 's/(.)=(.)/\\2=\\1/'", ["v=k"]),
      ("echo 'a.b' > /tmp/f; sed -i 's/\\./-/' /tmp/f; cat /tmp/f", ["a-b"]), ("seq 5 | sed '2,4d'", ["1", "5"]),
      ("seq 9 | sed '$!d'", ["9"]), ("echo aXbX | sed 's|X|/|2'", ["aXb/"]),
      ("echo a1b22 | grep -o '[0-9][0-9]*'", ["1", "22"]), ("echo 'a b' | grep -E '^(a|c) b$'", ["a b"]),
      ("printf 'x\\ny\\n' | grep -n y", ["2:y"]), ("echo foobar | grep -c -w foo", ["0"]),
      ("echo a.c | grep -F a.c", ["a.c"]),
      ("echo a:b:c | cut -d: -f1,3", ["a:c"]), ("echo abcdef | cut -c2-4", ["bcd"]), ("echo aab | tr -s a", ["ab"]),
      ("echo 'a-b' | tr -d -", ["ab"]), ("echo Hi | tr '[:lower:]' '[:upper:]'", ["HI"]),
      ("echo a1 | tr -cd 0-9; echo", ["1"]),
      ("printf 'b 2\\na 10\\n' | sort -k2 -n", ["b 2", "a 10"]),
      ("printf 'a\\na\\nb\\n' | uniq -c", ["      2 a", "      1 b"]),
      ("seq 3 | tail -n +2", ["2", "3"]), ("echo abc | head -c 2; echo", ["ab"]), ("seq 3 | wc -l", ["3"]),
      ("mkdir -p /tmp/d/e; touch /tmp/d/e/x.log /tmp/d/y; find /tmp/d -name '*.log'", ["/tmp/d/e/x.log"]),
      ("mkdir /tmp/d; echo hi > /tmp/d/a; find /tmp/d -type f -exec cat {} \\;", ["hi"]),
      ("seq 4 | xargs -n 2 echo", ["1 2", "3 4"]),
      ("echo 'a b' | xargs -I {} echo [{}]", ["[a b]"]), ("echo abc | md5sum", ["0bee89b07a248e27c83fc3d5951213c1  -"]),
      ("echo abc | sha256sum", ["edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb  -"]),
      ("dd if=/dev/zero of=/tmp/z bs=1k count=2 2>/dev/null; wc -c /tmp/z", ["2048 /tmp/z"]),
      ("X=hello; echo ${X^^} ${X^} ${X/l/L} ${X//l/L} ${X:1:3} ${X: -2}", ["HELLO Hello heLlo heLLo ell lo"]),
      ("X=ABC; echo ${X,,} ${X,}", ["abc aBC"]), ("df | head -n 1 | cut -d' ' -f1", ["Filesystem"]),
      ("curl x; echo $?", ["sh: curl: not found", "127"]), ("which curl || echo none", ["none"]),
      ("wget -qO- http://db:5432", ["OK: db:5432 answered"]), ("wget -q --spider http://db:5432 && echo up", ["up"]),
      ("wget -O /tmp/p -q http://db:5432; cat /tmp/p", ["OK: db:5432 answered"]),
    ] as [(String, [String])])
  func tools(_ text: String, _ lines: [String]) { #expect(ShellTests.sh(text).lines == lines) }

  @Test func whatIsInstalledIsThere() {
    var world = ShellTests.world()
    let outcome = ShellTests.run(
      ["sh", "-c", "apk add -q curl; curl -s -o /dev/null -w '%{http_code}\\n' http://db:5432; curl http://no"],
      strangers: .missing(from: .alpine), in: &world)
    #expect(outcome.lines.dropFirst() == ["200", "curl: (6) Could not resolve host: no"])
    #expect(outcome.code == 6)
  }

  @Test(
    arguments: [
      ("print('hi')", ["hi"], 0, 0), ("import sys, time; time.sleep(2); print(\"a b\"); sys.exit(3)", ["a b"], 3, 2),
      ("console.log('x')\nprocess.exit(1)", ["x"], 1, 0), ("print bpi(10)", ["3.141592653"], 0, 0),
      ("app.run()", ["(python is not simulated; taken as done)"], 0, 1),
    ] as [(String, [String], Int, Int)])
  func oneLiners(_ text: String, _ lines: [String], _ code: Int, _ seconds: Int) {
    var world = ShellTests.world()
    let outcome = ShellTests.run(["python", "-c", text], strangers: .finish(after: .seconds(1)), in: &world)
    #expect(outcome == ShellTests.Outcome(lines: lines, code: code, time: .seconds(seconds)))
  }

  @Test(arguments: [
    ("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"), ("(a|aa)+$", String(repeating: "a", count: 3000) + "b"),
  ])
  func aPatternThatTakesTooLongMatchesNothing(_ pattern: String, _ text: String) throws {
    #expect(try !#require(RegularExpression(pattern, isExtended: true)).matches(text))
  }

  @Test(arguments: ["(", "[a", "a{", "*", "\\", "[[:nope:]]", String(repeating: "(", count: 900)])
  func oddPatternsAreReadOrRefused(_ pattern: String) {
    _ = RegularExpression(pattern, isExtended: true)?.matches("a(b[c{*")
    _ = RegularExpression(pattern)?.matches("a(b[c{*")
  }

  @Test(
    arguments: [
      ("echo 'a b c' | awk '{print $2}'", ["b"]), ("echo a:b | awk -F: '{print $2, $1}'", ["b a"]),
      ("printf '1\\n2\\n3\\n' | awk '{s+=$1} END {print s, NR, s/NR}'", ["6 3 2"]),
      ("printf 'x 5\\ny 20\\n' | awk '$2 > 9 {print $1}'", ["y"]), ("seq 5 | awk 'NR==2,NR==3'", ["2", "3"]),
      ("printf 'a\\nb\\na\\n' | awk '{n[$1]++} END {for (k in n) print k, n[k]}'", ["a 2", "b 1"]),
      ("echo 'Mem: 12 7' | awk '/Mem/ {printf \"%.1f%%\\n\", $3/$2*100}'", ["58.3%"]),
      ("awk 'BEGIN {for (i=1; i<=3; i++) if (i%2) print i; else print \"even\"}'", ["1", "even", "3"]),
      ("echo foo | awk '{gsub(/o/, \"0\"); print toupper($0) length($0) substr($0, 2, 1)}'", ["F0030"]),
      ("awk -v x=3 'BEGIN { print x * 2; exit 4 }'; echo $?", ["6", "4"]),
      ("echo 'a b' | awk '{$2=\"z\"; print; print NF}'", ["a z", "2"]),
      ("echo k=v=w | awk '{n=split($0, p, \"=\"); print p[n] p[1] n}'", ["wk3"]),
      ("echo 1 | awk '!/2/ && $1 ~ /^1$/'", ["1"]),
      ("awk 'BEGIN { while (1) i++ }'", []),
      ("awk '{'", ["awk: cmd. line:1: syntax error, or a part of awk that is not simulated"]),
      ("printf '%5.2f|%d\\n' 3.14159 7", [" 3.14|7"]),
    ] as [(String, [String])])
  func reports(_ text: String, _ lines: [String]) { #expect(ShellTests.sh(text).lines == lines) }
}
