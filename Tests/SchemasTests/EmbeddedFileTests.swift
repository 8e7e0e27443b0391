import CResources
import Glibc
import Testing

@testable import Schemas

/// The tables of embedded files are written by hand or script; here they are held against the folders.
@Suite struct EmbeddedFileTests {
  private let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  @Test func everySchemaIsEmbedded() {
    var count = 0
    let files = embeddedSchemas(&count)
    let embedded = (0..<count).map { String(cString: files[$0].name) }
    #expect(embedded.sorted() == names(in: root + "/openapi").filter { $0.hasSuffix(".schema") })
    let additions = embeddedAdditions(&count)
    let added = (0..<count).map { String(cString: additions[$0].name) }
    #expect(added.sorted() == names(in: root + "/openapi/additions"))
  }

  /// After a failure: Sources/CResources/list-public.sh
  @Test func everyPublicFileIsEmbedded() {
    var count = 0
    let files = embeddedPublicFiles(&count)
    let embedded = (0..<count).map { String(cString: files[$0].name) }
    #expect(embedded.sorted() == tree(root + "/public", "").sorted())
  }

  private func tree(_ folder: String, _ prefix: String) -> [String] {
    names(in: folder).flatMap { name -> [String] in
      let path = folder + "/" + name
      return isFolder(path) ? tree(path, prefix + name + "/") : [prefix + name]
    }
  }

  private func isFolder(_ path: String) -> Bool {
    guard let folder = opendir(path) else { return false }
    closedir(folder)
    return true
  }

  private func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { result.append(name) }
    }
    return result.sorted()
  }
}
