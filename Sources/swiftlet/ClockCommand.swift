import ArgumentParser
import Foundation
import JSONCore

/// `swiftlet clock`: shows and changes the time of a running cluster.
struct ClockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Show, advance or speed up the time of a running cluster.",
    subcommands: [Show.self, Advance.self, Speed.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the cluster's time.")

    @OptionGroup var server: ClockServer

    func run() throws { print(try server.ask(nil)) }
  }

  struct Advance: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let time pass: everything due by then happens in its order. Returns when it has.")

    @Argument(help: "How long: 90s, 15m, 1h30m, 2d.")
    var duration: String

    @OptionGroup var server: ClockServer

    func run() throws { print(try server.ask(["advance": .string(duration)])) }
  }

  struct Speed: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let time run faster or slower from now on.")

    @Argument(help: "Seconds of the cluster in a real one: 60 is a minute; 1 is real time; 0 stands still.")
    var factor: String

    @OptionGroup var server: ClockServer

    func run() throws { print(try server.ask(["speed": .string(factor)])) }
  }
}

/// Where the cluster is and who asks.
struct ClockServer: ParsableArguments {
  @Option(name: .customLong("server"), help: "The cluster's clear-text URL.")
  var url = "http://127.0.0.1:8080"

  @Option(help: "A bearer token; by default the admin's, from the data directory.")
  var token: String?

  @OptionGroup var data: DataDirectory

  /// - Parameter change: nil only asks.
  /// - Returns: the clock, in a line.
  func ask(_ change: JSON?) throws -> String {
    let client = try PlainClient(url: url, token: token ?? (try? data.read("admin.token")))
    let answer = try client.send(change == nil ? "GET" : "POST", "/swiftlet/v1/clock", body: change?.text)
    guard let json = try? JSON.parse(Array(answer.body.utf8)) else {
      throw UsageError(description: "\(url) answered \(answer.status), but not as swiftlet does")
    }
    guard answer.status == 200 else { throw UsageError(description: json["message"]?.string ?? answer.body) }
    let speed = json["speed"]?.double ?? 1
    let ahead = json["aheadSeconds"]?.double ?? 0
    return "\(json["time"]?.string ?? "")  speed \(speed == speed.rounded() ? String(Int(speed)) : String(speed))  "
      + (abs(ahead) < 1 ? "real time" : "\(Self.shown(abs(ahead))) \(ahead > 0 ? "ahead of" : "behind") real time")
  }

  /// `2d3h4m5s`
  private static func shown(_ seconds: Double) -> String {
    var rest = Int(min(seconds, 1e15).rounded())
    var text = ""
    for (unit, length) in [("d", 86400), ("h", 3600), ("m", 60)] where rest >= length {
      text += "\(rest / length)\(unit)"
      rest %= length
    }
    return text.isEmpty || rest > 0 ? text + "\(rest)s" : text
  }
}
