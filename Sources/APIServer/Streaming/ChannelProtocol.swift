import HTTPServer
import JSONCore
import Values

/// How the streams of a program share one WebSocket: each message begins with the number of its channel.
/// Source: the subprotocols `channel.k8s.io` and its versions up to 5.
struct ChannelProtocol: Sendable, Equatable {
  enum Channel: UInt8, Sendable {
    case input = 0
    case output = 1
    case errors = 2
    /// How it went, once, at the end.
    case result = 3
    case size = 4
    /// Version 5: the channel whose number follows has ended.
    case end = 255
  }

  enum Event: Sendable, Equatable {
    case input([UInt8])
    case endOfInput
    case size(columns: Int, rows: Int)
  }

  /// The best first.
  static let names = [
    "v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io",
    "v4.base64.channel.k8s.io", "base64.channel.k8s.io",
  ]

  let version: Int
  /// Texts, for browsers: the channel as a digit, and then base64.
  let isText: Bool

  /// - Parameter name: one of `names`; "" for clients that name none.
  init(_ name: String) {
    let digit = name.utf8.dropFirst().first ?? 0
    version = name.hasPrefix("v") && digit >= 49 && digit <= 53 ? Int(digit) - 48 : 1
    isText = name.contains("base64")
  }

  func message(_ channel: Channel, _ bytes: [UInt8]) -> WebSocketMessage {
    isText ? .text(String(channel.rawValue) + Base64.encode(bytes)) : .binary([channel.rawValue] + bytes)
  }

  /// What a message of the client says; nil for what has no meaning.
  func event(_ message: WebSocketMessage) -> Event? {
    guard let (number, bytes) = parts(message), let channel = Channel(rawValue: number) else { return nil }
    switch channel {
    case .input: return .input(bytes)
    case .size: return Self.size(bytes)
    case .end: return version >= 5 && bytes.first == Channel.input.rawValue ? .endOfInput : nil
    case .output, .errors, .result: return nil
    }
  }

  private func parts(_ message: WebSocketMessage) -> (UInt8, [UInt8])? {
    switch message {
    case .binary(let bytes):
      guard let first = bytes.first else { return nil }
      return (first, Array(bytes.dropFirst()))
    case .text(let text):
      guard let first = text.utf8.first else { return nil }
      let rest = String(text.dropFirst())
      // Some clients send texts where bytes are meant.
      guard isText else { return (first < 48 ? first : first - 48, Array(rest.utf8)) }
      guard first >= 48, let bytes = Base64.decode(rest) else { return nil }
      return (first - 48, bytes)
    }
  }

  /// `{"Width":80,"Height":24}`
  static func size(_ bytes: [UInt8]) -> Event? {
    guard let json = try? JSON.parse(bytes), let columns = json["Width"]?.int, let rows = json["Height"]?.int else {
      return nil
    }
    return .size(columns: columns, rows: rows)
  }
}
