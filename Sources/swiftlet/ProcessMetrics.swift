import APIServer
import Glibc
import Values

/// What the process takes of the machine, under the names that Prometheus' own clients use.
struct ProcessMetrics: Sendable {
  let startedAt: Instant

  func write(to text: inout MetricsText) {
    if let pages = Self.pages() {
      let size = Int(sysconf(Int32(_SC_PAGESIZE)))
      text.single(
        "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", pages.resident * size)
      text.single("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", pages.virtual * size)
    }
    if let count = Self.openFiles() { text.single("process_open_fds", .gauge, "Open file descriptors.", count) }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      text.single(
        "process_max_fds", .gauge, "Most file descriptors that may be open.", Int(clamping: limit.rlim_cur))
    }
    var usage = rusage()
    if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      let fraction = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000
      text.family("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.")
      text.sample("process_cpu_seconds_total", [], seconds + fraction)
    }
    text.single(
      "process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.",
      Int(startedAt.seconds))
  }

  private static func openFiles() -> Int? {
    guard let directory = opendir("/proc/self/fd") else { return nil }
    defer { closedir(directory) }
    // Itself, its parent, and the descriptor that reads it.
    var count = -3
    while readdir(directory) != nil { count += 1 }
    return count
  }

  /// The first two numbers of `/proc/self/statm`.
  private static func pages() -> (virtual: Int, resident: Int)? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
    guard words.count > 1, let virtual = Int(words[0]), let resident = Int(words[1]) else { return nil }
    return (virtual, resident)
  }
}
