import JSONCore
import Objects
import Values

/// How a program ended, as the last channel says it.
/// Source: the remote command protocol, version 4: a Status whose cause `ExitCode` holds the code.
enum CommandResult {
  /// - Parameter command: what was run, for the message.
  static func json(_ end: StreamEnd) -> JSON {
    switch end {
    case .exited(0): return ["metadata": [:], "status": "Success"]
    case .exited(let code):
      return [
        "metadata": [:], "status": "Failure", "reason": "NonZeroExitCode",
        "message": .string("command terminated with non-zero exit code: exit status \(code)"),
        "details": ["causes": [["reason": "ExitCode", "message": .string(String(code))]]],
      ]
    case .failed(let message):
      let whole = "error executing command in container: \(message)"
      return [
        "metadata": [:], "status": "Failure", "reason": "InternalError", "code": 500,
        "message": .string("Internal error occurred: " + whole), "details": ["causes": [["message": .string(whole)]]],
      ]
    }
  }

  /// - Parameter version: that of the protocol; before the fourth there are plain words.
  static func bytes(_ end: StreamEnd, version: Int) -> [UInt8] {
    if version >= 4 { return Array(json(end).text.utf8) }
    switch end {
    case .exited(0): return []
    case .exited(let code):
      return Array("error executing remote command: command terminated with non-zero exit code: \(code)".utf8)
    case .failed(let message): return Array("error executing command in container: \(message)".utf8)
    }
  }
}
