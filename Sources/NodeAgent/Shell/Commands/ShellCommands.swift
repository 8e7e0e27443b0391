import Values

/// A command of the simulated shell: gets its arguments, answers with its status.
typealias SimulatedCommand = @Sendable (inout Shell, [String], inout ShellWorld) -> Int

/// The commands that are simulated, as a table.
enum ShellCommands {
  static let all: [String: SimulatedCommand] = [
    flow, output, variables, files, filters, fields, searches, streamEditors, reporters, trees, disks, tests, network,
    names, dumps, listings, modes,
    ["agnhost": Agnhost.command(as: "/agnhost"), "agnhost-2": Agnhost.command(as: "/agnhost-2")], fetching, redis,
    machine, processes, system, packages,
    scripts, archives, randoms,
  ]
  .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  /// Commands of usual shell images that are not simulated; a script that calls them goes on.
  static let known: Set<String> = [
    "addgroup", "adduser", "apk", "apt", "apt-get", "ar", "arch", "arp", "awk", "base32", "bc", "bunzip2", "bzip2",
    "chgrp", "chpasswd", "cmp", "comm", "cpio", "cryptpw", "dd", "deluser", "df", "diff", "dmesg", "dos2unix", "dpkg",
    "du", "ed", "egrep", "expand", "fallocate", "fdisk", "fgrep", "find", "flock", "fold", "free", "fsync", "ftpget",
    "fuser", "getopt", "git", "gunzip", "gzip", "hexdump", "httpd", "id", "ifconfig", "install", "iostat", "ip",
    "iptables", "jq", "killall", "less", "link", "ln", "logger", "login", "losetup", "lsof", "md5sum", "mesg", "mkfifo",
    "mknod", "mktemp", "modprobe", "more", "mount", "mountpoint", "netstat", "nice", "nl", "nohup", "nproc", "ntpd",
    "od", "openssl", "passwd", "paste", "patch", "pgrep", "pidof", "pkill", "ps", "pstree", "python", "python3",
    "readlink", "realpath", "renice", "reset", "rmdir", "route", "sed", "setsid", "sha1sum", "sha256sum", "sha512sum",
    "shred", "shuf", "split", "ssh", "stat", "strings", "stty", "su", "sudo", "sum", "swapoff", "swapon", "sync",
    "sysctl", "tar", "telnet", "time", "top", "traceroute", "truncate", "ts", "tty", "ulimit", "umask", "umount",
    "unlink", "unxz", "unzip", "usleep", "vi", "vmstat", "watch", "xargs", "xxd", "xz", "yes", "zcat",
  ]

  static func isKnown(_ program: String) -> Bool { all[program] != nil || known.contains(program) }

  /// `5`, `0.5`, `3s`, `2m`, `1h`, `infinity` (nil inside); nil when it is no time.
  static func time(_ text: String) -> Duration?? {
    if text == "infinity" || text == "inf" { return .some(nil) }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number >= 0, !number.isNaN else {
      return nil
    }
    return .some(.seconds(min(number * (unit ?? 1), 1e9)))
  }

  /// The arguments that are options (`-n`), as one set of letters, and the others.
  static func options(_ arguments: [String]) -> (letters: Set<Character>, rest: [String]) {
    var letters: Set<Character> = []
    var rest: [String] = []
    for argument in arguments {
      if rest.isEmpty, argument.count > 1, argument.hasPrefix("-"), argument != "--" {
        letters.formUnion(argument.dropFirst())
      } else if argument != "--" || !rest.isEmpty {
        rest.append(argument)
      }
    }
    return (letters, rest)
  }
}
