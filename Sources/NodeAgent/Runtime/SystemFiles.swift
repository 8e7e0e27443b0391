import JSONCore
import Objects

/// What the kernel says of a container: `/proc`, and the group of its processes under `/sys/fs/cgroup`.
struct SystemFiles: Sendable {
  let request: ContainerRequest

  private static let period: Int64 = 100_000
  private static let leastQuota: Int64 = 1000
  private static let sharesOfCore: Int64 = 1024
  private static let cores = 8
  private static let nodeMemory = Quantity(.string(NodeConfiguration().memory)) ?? .zero

  var mounts: [ContainerMount] {
    [
      ContainerMount(path: "sys/fs/cgroup", volume: .system { group }, isReadOnly: true),
      ContainerMount(path: "proc", volume: .system { process }, isReadOnly: true),
    ]
  }

  private func amount(_ list: String, _ resource: String) -> Quantity? {
    Quantity(request.container.resources.at(list, resource)).flatMap { $0.isZero ? nil : $0 }
  }

  // MARK: Group

  private var group: [String: String] {
    let memory = amount("limits", "memory").map { String($0.value) } ?? "max"
    var quota = "max"
    if let limit = amount("limits", "cpu") {
      quota = String(max(Self.leastQuota, limit.milliValue &* (Self.period / 1000)))
    }
    let cpu = (amount("requests", "cpu") ?? amount("limits", "cpu"))?.milliValue ?? 0
    let shares = min(max(2, min(cpu, 1 << 20) * Self.sharesOfCore / 1000), 262_144)
    return [
      "cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n", "cpu.max": "\(quota) \(Self.period)\n",
      "cpu.weight": "\(1 + (shares - 2) * 9999 / 262_142)\n", "memory.max": memory + "\n",
      "memory.current": "4194304\n",
      "memory.min": "0\n", "memory.swap.max": "0\n", "pids.max": "max\n", "pids.current": "1\n",
      "cpuset.cpus.effective": "0-\(Self.cores - 1)\n",
    ]
  }

  // MARK: Processes

  private var process: [String: String] {
    let container = request.container
    let words = container.command + container.arguments
    let main = MainProgram(image: container.image, command: container.command, arguments: container.arguments)
    let name = main.title.prefix { $0 != " " }.split(separator: "/").last.map(String.init) ?? "main"
    let status =
      "Name:\t\(name)\nState:\tS (sleeping)\nPid:\t1\nPPid:\t0\nThreads:\t1\nCpus_allowed:\tff\n"
      + "Cpus_allowed_list:\t0-\(Self.cores - 1)\n"
    var files = [
      "mounts": Self.mountLines.joined(separator: "\n") + "\n", "loadavg": "0.08 0.05 0.01 1/120 13\n",
      "version": "Linux version 6.12.0-swiftlet\n", "uptime": "3600.00 3500.00\n",
      "meminfo":
        "MemTotal:       \(Self.nodeMemory.value / 1024) kB\nMemFree:        \(Self.nodeMemory.value / 2048) kB\n"
        + "MemAvailable:   \(Self.nodeMemory.value / 2048) kB\n",
      "cpuinfo": (0..<Self.cores).map { "processor\t: \($0)\nmodel name\t: simulated\n" }.joined(separator: "\n"),
    ]
    for process in ["1", "self"] {
      files[process + "/status"] = status
      files[process + "/oom_score_adj"] = "\(killScore)\n"
      files[process + "/cmdline"] = (words.isEmpty ? [main.title] : words).map { $0 + "\0" }.joined()
      files[process + "/comm"] = name + "\n"
      files[process + "/mounts"] = files["mounts"]
      files[process + "/cgroup"] = "0::/\n"
    }
    for (setting, value) in ShellCommands.kernelSettings.merging(
      request.surroundings.settings, uniquingKeysWith: { $1 })
    {
      files["sys/" + setting.replacing(".", with: "/")] = value + "\n"
    }
    return files
  }

  /// How gladly the kernel kills it when memory is short: by what its pod asked for.
  private var killScore: Int64 {
    switch QualityOfService(resources: request.pod.containers.filter { $0.role != .ephemeral }.map(\.resources)) {
    case .guaranteed: return -997
    case .bestEffort: return 1000
    case .burstable:
      let asked = amount("requests", "memory")?.value ?? 0
      return min(max(1000 - 1000 * min(asked, Self.nodeMemory.value) / max(1, Self.nodeMemory.value), 3), 999)
    }
  }

  /// As `mount` and `/proc/mounts` show them.
  static let mountLines = [
    "overlay / overlay rw,relatime 0 0", "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
    "tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0", "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0",
    "cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0", "shm /dev/shm tmpfs rw,nosuid,size=65536k 0 0",
  ]
}
