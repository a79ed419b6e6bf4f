/// What a sink is told, with an id that stays the same however often it is sent.
public struct SinkMessage: Sendable, Equatable {
  /// Its place in the order of all messages.
  public var number: Int64
  /// By which whoever reads it knows that it came before.
  public var id: String
  /// What it is about, in words with points between: `event.server-unhealthy`, `fault.opened`.
  public var topic: String
  public var body: [UInt8]

  public init(number: Int64, id: String, topic: String, body: [UInt8]) {
    self.number = number
    self.id = id
    self.topic = topic
    self.body = body
  }
}

/// Why a connection is of no use any more.
public struct SinkFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// Why a message was not taken, while the connection is good.
public enum SinkRefusal: Sendable, Equatable {
  /// It may be taken another time.
  case later(String)
  /// It never will: the server takes none of its size.
  case tooLarge(String)
}

/// What a session waits for.
public enum SinkProgress: Sendable, Equatable {
  /// Bytes of the server.
  case waiting
  /// The connection is taken to TLS, and then `secured` is called.
  case wantsTLS
  /// The next messages: those before are acknowledged, but for what `refusal` says.
  case ready
  /// Nothing: the connection is to be closed.
  case failed(SinkFailure)
}
