import ArgumentParser
import Foundation

/// Measures a built swiftlet from outside, and prints each figure beside the limit it is held against.
///
/// CPU is that of the server's process, so it holds on a shared machine; rates and wall times are shown for orientation.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks", abstract: "Prints CPU, rates, start time and memory beside their limits.")

  @Option(help: "The release build of swiftlet.")
  var binary: String

  @Option(help: "Run only the sections whose name contains this.")
  var only: String?

  mutating func run() throws {
    let report = Report()
    for section in Section.all where only.map({ section.name.contains($0) }) ?? true {
      report.heading(section.name)
      do {
        try section.measure(binary, report)
      } catch let skip as MissingTool {
        report.note("skipped: \(skip.name) is not installed")
      }
    }
    report.finish()
    if report.missed > 0 { throw ExitCode(1) }
  }
}

/// A group of measures that share a running server.
struct Section: Sendable {
  var name: String
  var measure: @Sendable (_ binary: String, _ report: Report) throws -> Void

  static let all = [
    Section(name: "read", measure: ReadBenchmarks.measure),
    Section(name: "list", measure: ListBenchmarks.measure),
    Section(name: "write", measure: WriteBenchmarks.measure),
    Section(name: "watch", measure: WatchBenchmarks.measure),
    Section(name: "start", measure: ProcessBenchmarks.measureStart),
    Section(name: "idle", measure: ProcessBenchmarks.measureIdle),
    Section(name: "scheduling", measure: SchedulingBenchmarks.measure),
    Section(name: "deployment", measure: ProcessBenchmarks.measureDeployment),
    Section(name: "day", measure: SoakBenchmarks.measureDay),
    Section(name: "large idle", measure: SoakBenchmarks.measureIdle),
    Section(name: "soak", measure: SoakBenchmarks.measureChurn),
    Section(name: "controllers", measure: ControllerBenchmarks.measure),
  ]
}

struct MissingTool: Error { var name: String }
