import JSONCore
import Objects
import Testing
import Values

@testable import NodeAgent

/// Modes, owners and links of files, and the layout of volumes that a kubelet writes.
@Suite struct FileTests {
  private static func run(_ script: String, user: Int = 0) -> [String] {
    var world = ShellTests.world()
    world.user.id = user
    return ShellTests.run(["sh", "-c", script], in: &world).lines
  }

  @Test(
    arguments: [
      ("644", 0o600, 0o644), ("u+x", 0o644, 0o744), ("go-r", 0o644, 0o600), ("a=r", 0o777, 0o444),
      ("+x", 0o644, 0o755), ("1777", 0o755, 0o1777), ("u=rw,g=r,o=", 0o777, 0o640),
    ] as [(String, UInt16, UInt16)])
  func changesOfModes(_ text: String, _ old: UInt16, _ new: UInt16) {
    #expect(FileMode(old).changed(by: text, isFolder: false) == FileMode(new))
  }

  @Test func nonsenseIsNoMode() {
    for text in ["9", "u~x", "q+x", "77777"] { #expect(FileMode(0o644).changed(by: text, isFolder: false) == nil) }
  }

  @Test(
    arguments: [
      ("touch /tmp/a; stat -c '%a %u' /tmp/a", ["644 0"]),
      ("touch /tmp/a; chmod 700 /tmp/a; stat -c %A /tmp/a", ["-rwx------"]),
      ("mkdir -p /tmp/a/b; ls -d /tmp/a/b", ["/tmp/a/b"]),
      (
        "mkdir /tmp/a/b || echo no",
        [
          "mkdir: can't create directory: /tmp/a/b: No such file or directory", "no",
        ]
      ),
      ("echo hi > /tmp/a; ln -s a /tmp/b; cat /tmp/b; readlink /tmp/b", ["hi", "a"]),
      ("ln -s /tmp /tmp/c; echo x > /tmp/c/d; cat /tmp/d", ["x"]),
      (
        "ln -s l /tmp/l; cat /tmp/l || echo lost",
        [
          "cat: can't open '/tmp/l': No such file or directory", "lost",
        ]
      ),
      ("stat -c '%a' /tmp", ["1777"]),
      (
        "printf '\\tA' > /tmp/a; hexdump -C /tmp/a",
        [
          "00000000  09 41                                             |.A|", "00000002",
        ]
      ),
    ] as [(String, [String])])
  func commands(_ script: String, _ lines: [String]) { #expect(Self.run(script) == lines) }

  @Test func othersMayNot() {
    #expect(Self.run("id -u; echo x > /etc/x", user: 1000) == ["1000", "sh: can't create /etc/x: Permission denied"])
    #expect(
      Self.run("echo x > /tmp/x; stat -c %u /tmp/x; echo y > /cache/y; cat /cache/y", user: 1000) == ["1000", "y"])
  }

  @Test func projectedFilesAreLinks() throws {
    var files: ProjectedFiles = ["a": "1", "deep/b": "2"]
    let tree = files.tree
    #expect(tree.entry("a")?.target == "..data/a" && tree.entry("deep")?.target == "..data/deep")
    let folder = try #require(tree.entry("..data")?.target)
    #expect(folder.hasPrefix("..1970_01_01_00_00_00.") && tree.text(folder + "/deep/b") == "2")
    #expect(files.tree == tree)
    files.files["a"]?.text = "3"
    #expect(files.tree.entry("..data")?.target != folder)
    #expect(Self.run("ls -a /etc/config | grep -c data; cat /etc/config/..data/color") == ["1", "blue"])
  }

  @Test func treesAreKept() throws {
    var tree = FileTree()
    tree.write("a/b", "text", mode: 0o600, owner: FileOwner(user: 7, group: 8), at: Instant(seconds: 5))
    tree.put("c", FileEntry(content: .link(to: "a/b"), mode: 0o777))
    tree.makeDirectory("empty", mode: 0o1777)
    #expect(FileTree(kept: tree.kept) == tree)
    #expect(FileTree(kept: Array("nonsense".utf8)) == nil)
  }

  @Test func hostsAndResolver() {
    let pod = PodDetails(
      key: Key(.pods, namespace: "shop", name: "p"), uid: "u",
      json: [
        "spec": [
          "dnsPolicy": "ClusterFirst", "hostAliases": [["ip": "1.2.3.4", "hostnames": ["foo", "bar"]]],
          "dnsConfig": [
            "nameservers": ["1.1.1.1"], "searches": ["my.test"], "options": [["name": "ndots", "value": "2"]],
          ],
        ]
      ])
    let files = PodSystemFiles(pod: pod, hostname: "p", address: "10.244.1.2")
    #expect(files.hosts.hasSuffix("10.244.1.2\tp\n\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n"))
    #expect(
      files.resolver == """
        search shop.svc.cluster.local svc.cluster.local cluster.local my.test
        nameserver 10.96.0.10
        nameserver 1.1.1.1
        options ndots:2

        """)
  }

  @Test func mountTestSaysWhatItFinds() {
    var world = ShellTests.world()
    let words = [
      "/agnhost", "mounttest", "--fs_type=/cache", "--new_file_0660=/cache/f", "--file_perm=/cache/f",
      "--file_mode=/cache", "--file_owner=/cache/f",
    ]
    world.mounts[1].medium = .memory
    let outcome = ShellTests.run(words, in: &world)
    #expect(outcome.code == 0)
    #expect(
      outcome.lines == [
        "mount type of \"/cache\": tmpfs", "content of file \"/cache/f\": mount-tester new file", "",
        "mode of file \"/cache\": drwxrwxrwx", "perms of file \"/cache/f\": -rw-rw----",
        "owner UID of \"/cache/f\": 0", "owner GID of \"/cache/f\": 0",
      ])
  }
}
