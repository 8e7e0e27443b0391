import Foundation

/// Objects of the sizes that the limits speak of.
enum Samples {
  /// A ConfigMap of about 1.5 KB.
  static func configMap(_ name: String) -> [UInt8] {
    let value = String(repeating: "0123456789abcdef", count: 75)
    return Array(
      #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"},"data":{"value":"\#(value)"}}"#.utf8)
  }

  /// A pod that is stored with about 3.5 KB.
  static func pod(_ name: String, labels: String = #""app":"web""#) -> [UInt8] {
    let environment = (0..<20).map { #"{"name":"VARIABLE_\#($0)","value":"the value of variable number \#($0)"}"# }
    return Array(
      (#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)","labels":{\#(labels)}},"#
        + #""spec":{"schedulerName":"nobody","containers":[{"name":"web","image":"nginx:1.27","ports":[{"containerPort":80}],"#
        + #""resources":{"requests":{"cpu":"100m","memory":"128Mi"}},"env":[\#(environment.joined(separator: ","))]}]}}"#)
        .utf8)
  }
}
