import CSystem
import Dispatch
import EventLoops
import Glibc

/// Accepts a listener's connections and deals them out to the workers in turn. It lives on the accepting loop.
final class Acceptor {
  let address: SocketAddress
  private let descriptor: Int32
  private let loop: Loop
  private let clock: any Clock
  private let tls: TLSContext?
  private let workers: [LoopBound<Worker>]
  private var source: (any DispatchSourceRead)?
  private var isResting = false
  private var accepted = 0

  /// Connections taken in one go before other listeners have their turn.
  private static let acceptsPerTurn = 64
  private static let backlog: Int32 = 1024

  init(
    _ listener: Listener, loop: Loop, clock: any Clock, workers: [LoopBound<Worker>]
  ) throws(ServerError) {
    tls = if let configuration = listener.tls { try TLSContext(configuration) } else { nil }
    guard let port = UInt16(exactly: listener.port) else {
      throw .cannotListen(host: listener.host, port: listener.port, reason: "not a port")
    }
    var bound = system_address()
    descriptor = system_listen(listener.host, port, Self.backlog, &bound)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(-descriptor))
      throw .cannotListen(host: listener.host, port: listener.port, reason: reason)
    }
    address = SocketAddress(bound)
    self.loop = loop
    self.clock = clock
    self.workers = workers
  }

  func start() {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: loop.queue)
    let bound = LoopBound(self, loop: loop)
    let descriptor = descriptor
    source.setEventHandler { bound.value.acceptAll() }
    source.setCancelHandler { system_close(descriptor) }
    self.source = source
    source.activate()
  }

  /// Closes the listener; connections that were accepted go on.
  func stop() {
    wakeUp()
    if let source { source.cancel() } else { system_close(descriptor) }
    source = nil
  }

  private func acceptAll() {
    for _ in 0..<Self.acceptsPerTurn {
      var peer = system_address()
      let connection = system_accept(descriptor, &peer)
      switch -connection {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOMEM, ENOBUFS: return rest()
      case 1...: continue  // This one peer is gone already.
      default: deal(connection, SocketAddress(peer))
      }
    }
  }

  private func deal(_ connection: Int32, _ address: SocketAddress) {
    let worker = workers[accepted % workers.count]
    accepted += 1
    let tls = tls
    worker.loop.run { worker.value.adopt(connection, address, tls) }
  }

  /// Without descriptors or memory, accepting would fail in a circle: waits for some to come free.
  private func rest() {
    source?.suspend()
    isResting = true
    let bound = LoopBound(self, loop: loop)
    clock.schedule(after: .milliseconds(100), on: loop) { bound.value.wakeUp() }
  }

  /// A suspended source may neither be cancelled for good nor let go.
  private func wakeUp() {
    if isResting { source?.resume() }
    isResting = false
  }
}

extension SocketAddress {
  init(_ address: system_address) {
    var address = address
    let host = withUnsafeBytes(of: &address.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    self.init(host: host, port: Int(address.port), isLoopback: address.is_loopback != 0)
  }
}
