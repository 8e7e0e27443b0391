import Foundation
import JSONCore
import Testing

/// The facts about the stock API, where they are at hand: SWIFTLET_REFERENCE names their folder, or it lies beside the clone.
enum Reference {
  static let folder: URL? = {
    if let path = ProcessInfo.processInfo.environment["SWIFTLET_REFERENCE"] { return URL(fileURLWithPath: path) }
    let clone = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized
    let beside = clone.deletingLastPathComponent().appendingPathComponent("shared/reference")
    return FileManager.default.fileExists(atPath: beside.appendingPathComponent("definitions.json").path) ? beside : nil
  }()

  static var isThere: Bool { folder != nil }

  static func json(_ name: String) throws -> JSON {
    try JSON.parse([UInt8](try Data(contentsOf: try #require(folder).appendingPathComponent(name))))
  }
}
