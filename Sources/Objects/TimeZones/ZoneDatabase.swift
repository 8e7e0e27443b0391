import Glibc
import Synchronization

/// The time zones that this machine knows, by their IANA names.
public final class ZoneDatabase: Sendable {
  /// Why a zone cannot be had; the text is for people.
  public struct Problem: Error, Sendable, Equatable {
    public var message: String
  }

  /// The system's, in the usual places.
  public static let system = ZoneDatabase(
    directories: ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"])

  /// There are some 600 names.
  private static let memory = 1024
  private static let largestFile = 1 << 20

  private let directories: [String]
  private let known = Mutex<[String: ZoneRules]>([:])

  public init(directories: [String]) { self.directories = directories }

  /// A zone's rules; "" and `UTC` are always there. What has been read once is kept, for the files change with updates of
  /// the system only.
  public func rules(_ name: String) throws(Problem) -> ZoneRules {
    if name.isEmpty || name == "UTC" { return .utc }
    if let rules = known.withLock({ $0[name] }) { return rules }
    guard let directory = directories.first(where: Self.isDirectory) else {
      throw Problem(
        message: "unknown time zone \(name): this machine has no time zone database (\(directories[0])); install tzdata"
      )
    }
    guard Self.isName(name), let bytes = Self.read("\(directory)/\(name)"), let rules = ZoneRules(tzif: bytes) else {
      throw Problem(message: "unknown time zone \(name)")
    }
    known.withLock { known in
      if known.count >= Self.memory { known = [:] }
      known[name] = rules
    }
    return rules
  }

  /// A name is a relative path that leads nowhere else.
  private static func isName(_ name: String) -> Bool {
    name.utf8.count < 256
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && !part.hasPrefix(".")
          && part.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
            default: false
            }
          }
      }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < largestFile {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
    return nil
  }
}
