import Foundation

/// The parts of the program that only starting needed: readers of the command line, of schemas and certificates.
enum StartupPages {
  /// Lets the system take the resident pages of code back, half of the memory of an idle cluster. They are never written,
  /// so whatever is used again comes from the page cache at the price of a minor fault.
  static func release() {
    // Without the list nothing is released, which costs memory and nothing else.
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
    for line in maps.split(separator: "\n") {
      // 55d0c8a00000-55d0ca900000 r-xp 00000000 08:01 123 /usr/bin/swiftlet
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
      let bounds = fields[0].split(separator: "-").compactMap { UInt(String($0), radix: 16) }
      guard bounds.count == 2, bounds[0] < bounds[1], let start = UnsafeMutableRawPointer(bitPattern: bounds[0]) else {
        continue
      }
      madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED)
    }
  }
}
