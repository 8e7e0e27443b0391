/// Bytes as numbers: `hexdump`, `od`, `xxd`.
extension ShellCommands {
  static let dumps: [String: SimulatedCommand] = [
    "hexdump": { shell, arguments, world in
      let isCanonical = options(arguments).letters.contains("C")
      return dump(options(arguments).rest, "hexdump", &shell, &world) { start, bytes in
        isCanonical
          ? canonical(start, bytes) : "\(hex(start, 7)) \(bytes.map { hex(Int($0), 2) }.joined(separator: " "))"
      }
    },
    "od": { shell, arguments, world in
      dump(arguments.filter { !$0.hasPrefix("-") && !["x1", "n", "x", "c"].contains($0) }, "od", &shell, &world) {
        String(repeating: "0", count: max(0, 7 - String($0, radix: 8).count)) + String($0, radix: 8)
          + $1.map { " " + hex(Int($0), 2) }.joined()
      }
    },
    "xxd": { shell, arguments, world in
      dump(options(arguments).rest, "xxd", &shell, &world) { start, bytes in
        let pairs = stride(from: 0, to: bytes.count, by: 2).map { index in
          bytes[index..<min(index + 2, bytes.count)].map { hex(Int($0), 2) }.joined()
        }
        return "\(hex(start, 8)): \(pairs.joined(separator: " "))  \(readable(bytes))"
      }
    },
  ]

  private static let width = 16

  private static func dump(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ line: (Int, [UInt8]) -> String
  ) -> Int {
    each(names.isEmpty ? ["-"] : names, program, &shell, &world) { shell, text, world in
      let bytes = RawText.bytes(text)
      for start in stride(from: 0, to: bytes.count, by: width) {
        shell.print(line(start, Array(bytes[start..<min(start + width, bytes.count)])), &world)
      }
      if program == "hexdump" { shell.print(hex(bytes.count, 8), &world) }
    }
  }

  /// `00000000  de ca fe ba  |....|`
  private static func canonical(_ start: Int, _ bytes: [UInt8]) -> String {
    var columns = ""
    for index in 0..<width {
      columns += index == width / 2 ? " " : ""
      columns += index < bytes.count ? hex(Int(bytes[index]), 2) + " " : "   "
    }
    return "\(hex(start, 8))  \(columns) |\(readable(bytes))|"
  }

  private static func readable(_ bytes: [UInt8]) -> String {
    String(bytes.map { (32..<127).contains($0) ? Character(Unicode.Scalar($0)) : "." })
  }

  private static func hex(_ number: Int, _ width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
