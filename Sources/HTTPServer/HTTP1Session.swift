import Values

/// HTTP/1.1 on one connection: one request after the other, answered in order; or, after an upgrade, raw bytes.
final class HTTP1Session: Session {
  private enum Framing { case none, length, chunked, untilClose, raw }

  /// Each holds the other until the connection closes.
  private let connection: Connection
  private var parser: HTTP1Parser
  private var input: [UInt8] = []
  private var receiving: Exchange?
  private var sending: Exchange?
  private var sink: (any BodySink)?
  private var isSinkFull = false
  /// The response's header, until it is written.
  private var head = ByteBuffer()
  private var hasBegun = false
  private var framing = Framing.none
  private var closesAfter = false
  private var hasInputEnded = false
  private var isShuttingDown = false
  /// Since when the connection waits for what it waits for.
  private var waitingSince: Instant
  private(set) var isFinished = false

  init(_ connection: Connection) {
    self.connection = connection
    parser = HTTP1Parser(limits: connection.worker.configuration.limits)
    waitingSince = connection.worker.now
  }

  private var limits: Limits { connection.worker.configuration.limits }
  var openExchanges: Int { sending == nil ? 0 : 1 }

  var wantsInput: Bool {
    if isFinished { return false }
    if sink != nil { return !isSinkFull }
    return sending == nil || input.count < limits.pipelinedBytes
  }

  func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
    if framing == .raw {
      if let sink { isSinkFull = !sink.receive(Array(bytes)) }
      return
    }
    if input.isEmpty && receiving == nil && sending == nil { waitingSince = connection.worker.now }
    input.append(contentsOf: bytes)
  }

  func receiveEnd() {
    hasInputEnded = true
    if framing == .raw {
      sink?.end()
      sink = nil
    } else if (sending == nil && input.isEmpty) || sending?.isStream == true {
      // Nobody will read the rest of a stream; a single answer may still be read by a peer that only closed its half.
      isFinished = true
    }
  }

  func produce(into batch: OutputBatch) -> Bool {
    defer { letGoOfInput() }
    while !batch.isFull {
      if let exchange = sending {
        guard writeAnswer(of: exchange, into: batch) else { return batch.isFull && hasBegun }
        finish(exchange)
      } else if isFinished || framing == .raw || !readRequest(batch) {
        return connection.session !== self
      }
    }
    return true
  }

  // MARK: - Requests

  /// Reads on until a request is complete (true) or bytes are missing (false).
  private func readRequest(_ batch: OutputBatch) -> Bool {
    var offset = 0
    defer { input.removeFirst(min(offset, input.count)) }
    while !input.isEmpty {
      let exchange = receiving ?? Exchange(connection, streamID: 0)
      receiving = exchange
      let step = input.withUnsafeBufferPointer { parser.parse($0, &offset, into: exchange.request) }
      switch step {
      case .needsMore:
        if hasInputEnded { isFinished = true }
        return false
      case .head:
        waitingSince = connection.worker.now
        if parser.expectsContinue && offset == input.count { batch.append("HTTP/1.1 100 Continue\r\n\r\n") }
      case .request:
        receiving = nil
        sending = exchange
        exchange.isComplete = true
        closesAfter = !parser.keepsAlive || isShuttingDown
        if let settings = HTTP2Upgrade.settings(in: exchange.request), !connection.peer.isTLS {
          input.removeFirst(offset)
          offset = 0
          return upgradeToHTTP2(exchange, settings, batch)
        }
        exchange.answer()
        return true
      case .failed(let failure):
        reject(exchange, failure.status, failure.message)
        return true
      }
    }
    if hasInputEnded { isFinished = true }
    return false
  }

  /// Answers a request that can't be understood; where the next one starts can't be told, so the connection ends.
  private func reject(_ exchange: Exchange, _ status: Int, _ message: String) {
    connection.worker.metrics.protocolErrors += 1
    receiving = nil
    sending = exchange
    closesAfter = true
    exchange.fail(status, message)
  }

  private func upgradeToHTTP2(_ exchange: Exchange, _ settings: [UInt8], _ batch: OutputBatch) -> Bool {
    guard let session = HTTP2Session(connection, upgrading: exchange, settings: settings) else {
      exchange.answer()
      return true
    }
    batch.append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    sending = nil
    connection.session = session
    session.answer(exchange)
    let rest = input
    input = []
    rest.withUnsafeBufferPointer { session.receive($0) }
    return false
  }

  // MARK: - Answers

  func begin(_ response: ResponseHead, for exchange: Exchange) {
    hasBegun = true
    let isOld = exchange.request.version == .http10
    if exchange.isHead || !Exchange.hasBody(response.status) {
      framing = .none
    } else if response.contentLength != nil {
      framing = .length
    } else {
      framing = isOld ? .untilClose : .chunked
      if isOld { closesAfter = true }
    }
    head.appendStatusLine(response.status)
    head.append(response.prepared.lines)
    for header in response.headers { head.appendLine(header.name, header.value) }
    if let name = response.identifier {
      head.appendLine(HeaderName(stringLiteral: name), connection.worker.identifiers.text())
    }
    head.append("Date: ")
    head.append(connection.worker.date.bytes)
    if let length = response.contentLength, Exchange.hasBody(response.status) {
      head.append("\r\nContent-Length: ")
      head.append(decimal: Int64(length))
    } else if framing == .chunked {
      head.append("\r\nTransfer-Encoding: chunked")
    }
    if closesAfter {
      head.append("\r\nConnection: close")
    } else if isOld {
      head.append("\r\nConnection: keep-alive")
    }
    head.append("\r\n\r\n")
  }

  func begin(_ upgrade: Upgrade, for exchange: Exchange) -> Bool {
    guard exchange.request.version == .http11 else { return false }
    hasBegun = true
    framing = .raw
    sink = upgrade.sink
    closesAfter = true
    head.append("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n")
    for header in upgrade.headers { head.appendLine(header.name, header.value) }
    head.append("\r\n")
    return true
  }

  /// Writes what is there; true when the answer is complete.
  private func writeAnswer(of exchange: Exchange, into batch: OutputBatch) -> Bool {
    guard hasBegun else { return false }
    if !head.bytes.isEmpty {
      batch.append(head.bytes)
      head.removeAll()
      handOverInput()
    }
    if framing == .none { return true }
    while !batch.isFull {
      exchange.refill(limit: batch.room)
      let count = min(exchange.output.count, batch.room)
      if count == 0 {
        if exchange.isEnded && framing == .chunked { batch.append("0\r\n\r\n") }
        return exchange.isEnded
      }
      if framing == .chunked {
        batch.append(Array(String(count, radix: 16).utf8))
        batch.append("\r\n")
      }
      exchange.take(count, into: batch)
      if framing == .chunked { batch.append("\r\n") }
    }
    return framing == .length && exchange.output.isEmpty
  }

  /// Bytes behind an upgrade request belong to the new protocol.
  private func handOverInput() {
    guard framing == .raw, let sink, !input.isEmpty else { return }
    isSinkFull = !sink.receive(input)
    input = []
  }

  private func finish(_ exchange: Exchange) {
    sending = nil
    hasBegun = false
    waitingSince = connection.worker.now
    exchange.close()
    if closesAfter || (hasInputEnded && input.isEmpty) { isFinished = true }
  }

  func resume(_ exchange: Exchange) { if isSinkFull { isSinkFull = sink?.isFull ?? false } }

  /// An idle connection keeps no large buffers.
  private func letGoOfInput() {
    if input.isEmpty && input.capacity > 4096 { input = [] }
    if head.bytes.isEmpty && head.bytes.capacity > 4096 { head = ByteBuffer() }
  }

  // MARK: - Ends

  func expire(_ now: Instant, _ limits: Limits) {
    if framing == .raw, isSinkFull { sink?.waited(at: now) }
    guard sending == nil, !isFinished else { return }
    let isInside = receiving != nil && (parser.isInside || !input.isEmpty)
    let seconds = !isInside ? limits.idleSeconds : parser.isInBody ? limits.bodySeconds : limits.headerSeconds
    guard now - waitingSince > .seconds(seconds) else { return }
    connection.worker.metrics.timeouts += 1
    if isInside, let receiving {
      reject(receiving, 408, "the request took too long to arrive")
    } else {
      isFinished = true
    }
  }

  func shutDown() {
    isShuttingDown = true
    closesAfter = true
    if let sending { sending.endStream() } else { isFinished = true }
  }

  func abandon() {
    receiving?.close()
    sending?.close()
    sink?.end()
    receiving = nil
    sending = nil
    sink = nil
  }
}
