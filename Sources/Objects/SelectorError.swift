/// Why a text is not a selector, in the words of the stock server: the message of a 400 answer.
public struct SelectorError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
