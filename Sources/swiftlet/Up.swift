import ArgumentParser
import CSystem
@preconcurrency import Dispatch
import Foundation
import HTTPServer

/// `swiftlet up`: runs a cluster until it is told to stop.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run a cluster, until ctrl-c or SIGTERM.")

  @OptionGroup var options: ClusterOptions

  func run() async throws {
    // What is kept holds secrets, whatever directory was chosen for it.
    umask(0o077)
    // Threads come and go; memory that they share out is wanted by no more of them at once than there are cores.
    system_limit_pools(Int32(HTTPServer.Configuration.coreCount))
    let stop = StopSignal()
    let cluster = try await RunningCluster.start(options)
    for line in cluster.greeting { print(line) }
    fflush(nil)
    StartupPages.release()
    await stop.wait()
    await cluster.stop()
  }
}

/// Ctrl-c and SIGTERM as something to wait for.
struct StopSignal: Sendable {
  private let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    self.stream = stream
    let queue = DispatchQueue(label: "swiftlet.signals")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.finish() }
      source.resume()
      return source
    }
  }

  func wait() async {
    for await _ in stream {}
    withExtendedLifetime(sources) {}
  }
}
