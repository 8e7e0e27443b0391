import CSystem
import Glibc
import Values

/// One socket: reads for its session, writes what the session produces, and notices when either side is done.
final class Connection {
  private enum Phase {
    case handshake
    /// The first bytes tell HTTP/1.1 from HTTP/2.
    case sniffing
    case open
    /// Everything is said; the peer may still have to read it. What it sends is thrown away.
    case lingering(since: Instant)
    case closed
  }

  let worker: Worker
  let descriptor: Int32
  private(set) var peer: Peer
  var session: (any Session)?
  /// In the worker's list of connections with output.
  var isDirty = false
  /// Bytes of whole answers that the session has yet to write.
  var heldBytes = 0

  private var tls: TLSSession?
  private var phase: Phase
  private var preface: [UInt8] = []
  private var pending = PendingOutput()
  private var interest: UInt32 = 0
  private var hasInputEnded = false
  private var openedAt: Instant
  /// Since when `pending` doesn't move.
  private var stalledSince: Instant

  /// How often a connection reads before the others of its loop have their turn.
  private static let readsPerTurn = 16
  /// Linux takes no more parts in one call (IOV_MAX).
  private static let partsPerWrite = 1024
  private static let http2Preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  init(_ worker: Worker, descriptor: Int32, address: SocketAddress, tls: TLSSession?) {
    self.worker = worker
    self.descriptor = descriptor
    self.tls = tls
    peer = Peer(address: address, isTLS: tls != nil)
    phase = tls == nil ? .sniffing : .handshake
    openedAt = worker.now
    stalledSince = worker.now
  }

  var isClosed: Bool { if case .closed = phase { true } else { false } }

  /// The socket did not take all that it was given.
  var isBlocked: Bool { !pending.isEmpty }

  func markDirty() { worker.markDirty(self) }

  /// Registers with the loop's epoll set; false when the system refuses.
  func register() -> Bool {
    interest = UInt32(system_readable | system_peer_closed)
    return system_epoll_set(worker.epoll, Int32(system_epoll_add), descriptor, interest) == 0
  }

  // MARK: - Events

  func handle(_ events: UInt32) {
    if events & UInt32(system_broken) != 0 { return close() }
    if case .handshake = phase, !continueHandshake() { return updateInterest() }
    if events & UInt32(system_readable | system_peer_closed | system_hangup) != 0 { read() }
    flush()
  }

  private func continueHandshake() -> Bool {
    guard let tls else { return true }
    switch tls.handshake() {
    case .done(let identity):
      peer = Peer(
        address: peer.address, isTLS: true, certificateDER: identity.certificateDER,
        certificateProblem: identity.certificateProblem)
      phase = .sniffing
      if identity.speaksHTTP2 { open(HTTP2Session(self)) }
      return true
    case .waiting: return false
    case .failed:
      worker.metrics.protocolErrors += 1
      close()
      return false
    }
  }

  private func read() {
    for _ in 0..<Self.readsPerTurn {
      guard !hasInputEnded, !isClosed, session?.wantsInput ?? true else { return }
      let buffer = worker.input
      let count = tls.map { $0.read(into: buffer) } ?? system_read(descriptor, buffer.baseAddress, buffer.count)
      switch count {
      case 0: endInput()
      case 1...:
        worker.metrics.bytesReceived += count
        take(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
        // A short read of a plain socket has emptied it; TLS keeps its own buffer, which epoll doesn't see.
        if tls == nil && count < buffer.count { return }
      case -Int(EAGAIN): return
      case -Int(EINTR): continue
      default: return close()
      }
    }
    if tls != nil { worker.readAgain(self) }
  }

  /// The second half of a turn that ended with bytes left in the TLS buffer.
  func continueReading() {
    guard !isClosed else { return }
    read()
    flush()
  }

  private func take(_ bytes: UnsafeBufferPointer<UInt8>) {
    switch phase {
    case .open: session?.receive(bytes)
    case .sniffing: sniff(bytes)
    case .handshake, .lingering, .closed: break
    }
  }

  private func sniff(_ bytes: UnsafeBufferPointer<UInt8>) {
    preface.append(contentsOf: bytes)
    let expected = Self.http2Preface.bytes
    let isHTTP2 = preface.prefix(expected.count).elementsEqual(expected.prefix(preface.count))
    if isHTTP2 && preface.count < expected.count { return }
    open(isHTTP2 ? HTTP2Session(self) : HTTP1Session(self))
    let bytes = preface
    preface = []
    bytes.withUnsafeBufferPointer { session?.receive($0) }
  }

  private func open(_ session: (any Session)?) {
    guard let session else { return close() }
    self.session = session
    phase = .open
  }

  private func endInput() {
    hasInputEnded = true
    guard case .open = phase, let session else { return close() }
    session.receiveEnd()
  }

  // MARK: - Output

  /// Writes what is waiting and what the session has, as far as the socket takes it.
  func flush() {
    guard !isClosed else { return }
    if !pending.isEmpty { writePending() }
    if case .open = phase {
      var hasMore = true
      while hasMore, pending.isEmpty, !isClosed, let session {
        hasMore = session.produce(into: worker.output)
        write(worker.output)
        worker.output.removeAll()
      }
      if pending.isEmpty, session?.isFinished == true { linger() }
    }
    updateInterest()
  }

  private func write(_ batch: OutputBatch) {
    guard !batch.isEmpty, !isClosed else { return }
    // A TLS record has to be repeated as it was, so what goes out through TLS goes through `pending`.
    let written = tls == nil ? batch.parts.withUnsafeBufferPointer(writeParts) : 0
    guard !isClosed, written < batch.byteCount else { return }
    pending = batch.rest(after: written)
    stalledSince = worker.now
    if tls != nil { writePending() }
  }

  /// Writes as much as the socket takes; how much that was.
  private func writeParts(_ parts: UnsafeBufferPointer<iovec>) -> Int {
    var written = 0
    var rest = parts[...]
    while !rest.isEmpty {
      let group = UnsafeBufferPointer(rebasing: rest.prefix(Self.partsPerWrite))
      let count = system_writev(descriptor, group.baseAddress, Int32(group.count))
      if count == -Int(EINTR) { continue }
      if count == -Int(EAGAIN) { return written }
      guard count >= 0 else {
        close()
        return written
      }
      written += count
      worker.metrics.bytesSent += count
      if count < group.reduce(0, { $0 + $1.iov_len }) { return written }
      rest = rest.dropFirst(group.count)
    }
    return written
  }

  private func writePending() {
    while !pending.isEmpty {
      let written = tls.map { $0.write(pending, through: worker.record) } ?? writePendingParts()
      guard written >= 0 else { return close() }
      if written == 0 { return }
      pending.consume(written)
      stalledSince = worker.now
      if tls != nil { worker.metrics.bytesSent += written }
    }
  }

  private func writePendingParts() -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 64) { vectors in
      let count = pending.gather(into: vectors)
      let written = writeParts(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(vectors)[..<count]))
      return isClosed ? -1 : written
    }
  }

  private func updateInterest() {
    guard !isClosed else { return }
    var wanted: UInt32 = 0
    let wantsInput = session?.wantsInput ?? true
    var isLingering = false
    if case .lingering = phase { isLingering = true }
    if !hasInputEnded && (wantsInput || isLingering) {
      wanted |= UInt32(system_readable | system_peer_closed)
    }
    if !pending.isEmpty || tls?.wantsWrite == true { wanted |= UInt32(system_writable) }
    guard wanted != interest else { return }
    // What TLS has read already while nobody wanted it, epoll doesn't tell.
    let readable = UInt32(system_readable)
    if tls != nil && wanted & readable != 0 && interest & readable == 0 { worker.readAgain(self) }
    interest = wanted
    if system_epoll_set(worker.epoll, Int32(system_epoll_change), descriptor, wanted) < 0 { close() }
  }

  // MARK: - Ends

  /// Closing with unread input makes the kernel reset the connection, and the peer may lose our last answer.
  private func linger() {
    session?.abandon()
    session = nil
    if hasInputEnded { return close() }
    tls?.shutDown()
    system_shutdown_write(descriptor)
    phase = .lingering(since: worker.now)
  }

  func close() {
    guard !isClosed else { return }
    phase = .closed
    session?.abandon()
    session = nil
    pending = PendingOutput()
    worker.bury(self)
  }

  /// The worker is done with it: exchanges that sources still refer to must not keep TLS buffers or the descriptor.
  func release() {
    tls = nil
    system_close(descriptor)
  }

  /// Called about once a second.
  func expire(_ now: Instant, _ limits: Limits) {
    switch phase {
    case .handshake, .sniffing:
      guard now - openedAt > .seconds(limits.headerSeconds) else { return }
      worker.metrics.timeouts += 1
      close()
    case .open:
      if !pending.isEmpty && now - stalledSince > .seconds(limits.writeStallSeconds) {
        worker.metrics.timeouts += 1
        return close()
      }
      session?.expire(now, limits)
      markDirty()
    case .lingering(let since):
      if now - since > .seconds(limits.lingerSeconds) { close() }
    case .closed: break
    }
  }

  /// The server stops.
  func shutDown() {
    guard case .open = phase, let session else { return close() }
    session.shutDown()
    markDirty()
  }
}
