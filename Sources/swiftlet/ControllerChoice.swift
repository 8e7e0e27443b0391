import ArgumentParser
import Controllers

/// `--controllers`: which controllers run, as kube-controller-manager takes it: `*`, `*,-deployment`, `garbage-collector`.
struct ControllerChoice: ExpressibleByArgument, CustomStringConvertible, Sendable {
  let description: String
  private let includesAll: Bool
  private let wanted: Set<String>
  private let unwanted: Set<String>

  static let all = ControllerChoice(argument: "*")

  init(argument text: String) {
    let words = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
    description = text
    includesAll = words.contains("*")
    wanted = Set(words.filter { !$0.hasPrefix("-") && $0 != "*" })
    unwanted = Set(words.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
  }

  /// Names may leave out their ending `-controller`.
  func includes(_ name: String) -> Bool {
    let names = Self.spellings(name)
    if names.contains(where: unwanted.contains) { return false }
    return includesAll || names.contains(where: wanted.contains)
  }

  private static func spellings(_ name: String) -> [String] {
    name.hasSuffix("-controller") ? [name, String(name.dropLast("-controller".count))] : [name]
  }

  /// Every name there is, as it is written in full.
  static let known = (Controllers.names + ["scheduler"]).sorted()

  /// What was named and does not exist.
  var unknown: [String] {
    let spellings = Set(Self.known.flatMap(Self.spellings))
    return wanted.union(unwanted).subtracting(spellings).sorted()
  }
}
