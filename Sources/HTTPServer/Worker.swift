import CNghttp2
import CSystem
import Dispatch
import EventLoops
import Values

/// One loop's connections: an epoll set whose own descriptor is the loop's only Dispatch source.
///
/// Everything here happens on the loop. Each way in ends with `settle`: every connection with output is flushed once, and
/// then the closed ones are let go, so that no event of the same batch meets a descriptor that was given out again.
final class Worker {
  let loop: Loop
  let configuration: Configuration
  let handler: any Handler
  let clock: any Clock
  let inbox: Inbox
  let epoll: Int32
  let sessionOption: OpaquePointer?
  let output: OutputBatch
  let headerFields = HeaderFields()
  /// What a read fills.
  let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 * 1024)
  /// What a TLS record is gathered in.
  let record = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: TLSSession.recordBytes)

  /// The time when the loop last woke up.
  private(set) var now: Instant
  private(set) var date = DateHeader()
  var identifiers = IdentifierSource()
  let requests = RequestPool()
  var metrics = Metrics()

  private let events = UnsafeMutableBufferPointer<system_ready>.allocate(capacity: eventsPerPoll)
  private var connections: [Int32: Connection] = [:]
  private var dirty: [Connection] = []
  private var unread: [Connection] = []
  private var buried: [Connection] = []
  private var isAwake = false
  private var isSettleQueued = false
  private var ticker: (any ScheduledTimer)?
  private var source: (any DispatchSourceRead)?
  private var isStopping = false
  private var whenStopped: (@Sendable () -> Void)?

  private static let eventsPerPoll = 256
  /// With fewer events at once than this the set is probably empty now, and asking would cost a call.
  private static let eventsWorthAnotherPoll = 4
  /// Polls in one go before the loop's other work has its turn.
  private static let pollsPerWake = 16

  init(
    _ loop: Loop, _ configuration: Configuration, _ handler: any Handler, _ clock: any Clock
  ) throws(ServerError) {
    self.loop = loop
    self.configuration = configuration
    self.handler = handler
    self.clock = clock
    inbox = Inbox(loop: loop)
    epoll = system_epoll_create()
    sessionOption = HTTP2Library.makeOption(configuration.limits)
    output = OutputBatch(byteLimit: configuration.limits.writeBytes)
    now = clock.now
    if epoll < 0 { throw .system("no epoll set") }
  }

  deinit {
    nghttp2_option_del(sessionOption)
    input.deallocate()
    record.deallocate()
    events.deallocate()
  }

  func start() {
    let source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: loop.queue)
    let bound = LoopBound(self, loop: loop)
    let epoll = epoll
    source.setEventHandler { bound.value.poll() }
    source.setCancelHandler { system_close(epoll) }
    self.source = source
    source.activate()
  }

  // MARK: - Ways in

  /// The epoll set has events.
  private func poll() {
    wake()
    for _ in 0..<Self.pollsPerWake {
      let count = system_epoll_poll(epoll, events.baseAddress, Int32(Self.eventsPerPoll))
      guard count > 0 else { break }
      for event in events[..<Int(count)] {
        if let connection = connections[event.descriptor], !connection.isClosed { connection.handle(event.events) }
      }
      flushDirty()
      letGoOfBuried()
      if count < Self.eventsWorthAnotherPoll { break }
    }
    settle()
  }

  func deliver(_ wakers: [Waker]) {
    wake()
    for waker in wakers { waker.deliver() }
    settle()
  }

  func adopt(_ descriptor: Int32, _ address: SocketAddress, _ context: TLSContext?) {
    wake()
    defer { settle() }
    metrics.connectionsAccepted += 1
    let tls = context?.makeSession(descriptor)
    let connection = Connection(self, descriptor: descriptor, address: address, tls: tls)
    let isWelcome = !isStopping && connections.count < configuration.limits.connections / configuration.loopCount
    guard isWelcome, context == nil || tls != nil, connection.register() else {
      system_close(descriptor)
      return
    }
    connections[descriptor] = connection
    metrics.connectionsOpen += 1
    if ticker == nil { scheduleTick() }
  }

  private func scheduleTick() {
    let bound = LoopBound(self, loop: loop)
    ticker = clock.schedule(after: .seconds(1), on: loop) { bound.value.tick() }
  }

  /// Once a second while there are connections: looks for peers that are too slow.
  private func tick() {
    wake()
    ticker = nil
    for connection in connections.values { connection.expire(now, configuration.limits) }
    settle()
    if !connections.isEmpty && !isStopping { scheduleTick() }
  }

  private func wake() {
    isAwake = true
    now = clock.now
    date.update(now)
  }

  private func settle() {
    flushDirty()
    letGoOfBuried()
    isAwake = false
    if !unread.isEmpty { queueSettle() }
    if isStopping && connections.isEmpty { finishStopping() }
  }

  // MARK: - Connections with something to do

  /// `connection` has output. It is flushed before the loop goes to sleep, once, however often this is called.
  func markDirty(_ connection: Connection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
    if !isAwake { queueSettle() }
  }

  /// `connection` has more to read than one turn allows.
  func readAgain(_ connection: Connection) { unread.append(connection) }

  private func queueSettle() {
    guard !isSettleQueued else { return }
    isSettleQueued = true
    let bound = LoopBound(self, loop: loop)
    loop.run { bound.value.settleQueued() }
  }

  private func settleQueued() {
    isSettleQueued = false
    wake()
    let again = unread
    unread = []
    for connection in again { connection.continueReading() }
    settle()
  }

  private func flushDirty() {
    while !dirty.isEmpty {
      let batch = dirty
      dirty.removeAll(keepingCapacity: true)
      for connection in batch {
        connection.isDirty = false
        connection.flush()
      }
    }
  }

  func bury(_ connection: Connection) {
    buried.append(connection)
    if !isAwake { queueSettle() }
  }

  private func letGoOfBuried() {
    for connection in buried {
      connections[connection.descriptor] = nil
      metrics.connectionsOpen -= 1
      // Closing the descriptor takes it out of the epoll set.
      connection.release()
    }
    buried.removeAll(keepingCapacity: true)
  }

  // MARK: - Stopping

  /// Ends streams at once, lets requests under way finish within the limit, and then calls `done`.
  func stop(_ done: @escaping @Sendable () -> Void) {
    wake()
    isStopping = true
    whenStopped = done
    for connection in connections.values { connection.shutDown() }
    let bound = LoopBound(self, loop: loop)
    ticker?.cancel()
    ticker = clock.schedule(after: .seconds(configuration.limits.stopSeconds), on: loop) { bound.value.closeAll() }
    settle()
  }

  private func closeAll() {
    wake()
    for connection in connections.values { connection.close() }
    settle()
  }

  private func finishStopping() {
    source?.cancel()
    source = nil
    ticker?.cancel()
    ticker = nil
    whenStopped?()
    whenStopped = nil
  }
}
