import Values

/// What programs ask the kernel: its settings, what is mounted, links between machines, open ports.
extension ShellCommands {
  static let system: [String: SimulatedCommand] = [
    "sysctl": setting, "mount": mount, "ip": link, "ifconfig": interfaces, "netstat": listeners, "ss": listeners,
  ]

  /// As they are when nobody has asked for others.
  static let kernelSettings = [
    "kernel.shm_rmid_forced": "0", "kernel.hostname": "localhost", "kernel.osrelease": "6.12.0-swiftlet",
    "kernel.msgmax": "8192", "kernel.shmmax": "18446744073692774399", "net.core.somaxconn": "4096",
    "net.ipv4.ip_local_port_range": "32768\t60999", "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ip_forward": "1", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_keepalive_time": "7200", "net.ipv4.ping_group_range": "0\t2147483647", "vm.max_map_count": "1048576",
    "vm.overcommit_memory": "1", "fs.file-max": "9223372036854775807",
  ]

  /// `sysctl kernel.shm_rmid_forced`, `sysctl -n name`, `sysctl -a`
  private static let setting: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    let all = kernelSettings.merging(world.main.settings) { $1 }
    var status = 0
    for name in letters.contains("a") ? all.keys.sorted() : names {
      let key = String(name.prefix { $0 != "=" }).replacing("/", with: ".")
      if name.contains("=") || letters.contains("w") {
        status = shell.fail("sysctl: error setting key '\(key)': Read-only file system", &world)
      } else if let value = all[key] {
        shell.print(letters.contains("n") ? value : "\(key) = \(value)", &world)
      } else {
        status = shell.fail("sysctl: error: '\(key)' is an unknown key", &world)
      }
    }
    return status
  }

  private static let mount: SimulatedCommand = { shell, arguments, world in
    let kind = arguments.firstIndex(of: "-t").flatMap { arguments[safelyAt: $0 + 1] }
    if arguments.filter({ !$0.hasPrefix("-") && $0 != kind }).count > 0 {
      return shell.fail("mount: permission denied (are you root?)", &world)
    }
    let volumes = world.mounts.filter { $0.path != "proc" && $0.path != "sys/fs/cgroup" }
      .map { "/dev/vda1 /\($0.path) ext4 \($0.isReadOnly ? "ro" : "rw"),relatime 0 0" }
    for line in SystemFiles.mountLines + volumes {
      let words = line.split(separator: " ").map(String.init)
      if kind == nil || kind == words[2] {
        shell.print("\(words[0]) on \(words[1]) type \(words[2]) (\(words[3]))", &world)
      }
    }
    return 0
  }

  /// `ip addr`, `ip route`, `ip link`; nothing can be changed.
  private static let link: SimulatedCommand = { shell, arguments, world in
    let words = arguments.filter { !$0.hasPrefix("-") }
    if words.contains(where: { ["add", "del", "delete", "set", "replace", "flush"].contains($0) }) {
      return shell.fail("ip: RTNETLINK answers: Operation not permitted", &world, code: 2)
    }
    let address = world.network.addresses(of: world.hostname).first ?? ""
    let gateway = address.split(separator: ".").dropLast().joined(separator: ".") + ".1"
    if words.first.map({ "route".hasPrefix($0) }) == true {
      shell.print("default via \(gateway) dev eth0", &world)
      shell.print("\(gateway.dropLast(2)).0/24 dev eth0 scope link  src \(address)", &world)
      return 0
    }
    let showsAddresses = words.first.map { "address".hasPrefix($0) || $0 == "addr" } ?? true
    shell.print("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000", &world)
    shell.print("    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00", &world)
    if showsAddresses {
      shell.print("    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever", &world)
    }
    shell.print("2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue", &world)
    shell.print("    link/ether 0a:58:0a:f4:00:02 brd ff:ff:ff:ff:ff:ff", &world)
    if showsAddresses {
      shell.print("    inet \(address)/24 brd \(gateway.dropLast(2)).255 scope global eth0", &world)
      shell.print("       valid_lft forever preferred_lft forever", &world)
    }
    return 0
  }

  private static let interfaces: SimulatedCommand = { shell, _, world in
    let address = world.network.addresses(of: world.hostname).first ?? ""
    shell.print("eth0      Link encap:Ethernet  HWaddr 0A:58:0A:F4:00:02", &world)
    shell.print("          inet addr:\(address)  Mask:255.255.255.0", &world)
    shell.print("          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1", &world)
    return 0
  }

  /// Where the container listens.
  private static let listeners: SimulatedCommand = { shell, arguments, world in
    let ports = world.container.map { Set(SimulatedServer(request: $0, world: world).ports).sorted() } ?? []
    shell.print("Active Internet connections (only servers)", &world)
    shell.print("Proto Recv-Q Send-Q Local Address           Foreign Address         State", &world)
    for port in ports {
      let place = "0.0.0.0:\(port)"
      let gap = String(repeating: " ", count: max(1, 24 - place.count))
      shell.print("tcp        0      0 \(place)\(gap)0.0.0.0:*               LISTEN", &world)
    }
    return 0
  }
}
