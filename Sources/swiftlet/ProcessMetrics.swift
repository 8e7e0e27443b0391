import APIServer
import Glibc
import Values

/// What the process takes of the machine, under the names that Prometheus' own clients use.
struct ProcessMetrics: Sendable {
  let startedAt: Instant

  func write(to text: inout MetricsText) {
    if let pages = Self.residentPages() {
      text.single(
        "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.",
        pages * Int(sysconf(Int32(_SC_PAGESIZE))))
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

  /// The second number of `/proc/self/statm`.
  private static func residentPages() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Int(words[1]) : nil
  }
}
