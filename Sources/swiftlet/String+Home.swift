import Foundation

extension String {
  /// A path whose `~` is the home directory as the shell has it: `$HOME`, else what the system says of the user.
  var expandingHome: String {
    guard self == "~" || hasPrefix("~/") else { return self }
    let home = ProcessInfo.processInfo.environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return home + dropFirst()
  }
}
