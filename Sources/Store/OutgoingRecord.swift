/// A message that waits for sinks.
public struct OutgoingRecord: Sendable, Equatable {
  /// Its place in the order of all of them, from 1.
  public var number: Int64
  /// By which a reader knows that it came before.
  public var id: String
  /// What it is about, in words of the caller.
  public var topic: String
  public var body: String

  public init(number: Int64, id: String, topic: String, body: String) {
    self.number = number
    self.id = id
    self.topic = topic
    self.body = body
  }

  /// What it counts for in the buffer, in bytes.
  public var bytes: Int { id.utf8.count + topic.utf8.count + body.utf8.count }
}

/// Messages to be kept for the sinks, and the room for all that wait.
public struct OutgoingRecords: Sendable, Equatable {
  public var records: [OutgoingRecord]
  /// Bytes; the oldest go beyond it.
  public var buffer: Int64

  public init(records: [OutgoingRecord] = [], buffer: Int64 = .max) {
    self.records = records
    self.buffer = buffer
  }
}

/// The next messages for a sink.
public struct OutgoingBatch: Sendable, Equatable {
  /// In their order.
  public var records: [OutgoingRecord]
  /// How many the sink never got, since it is known.
  public var dropped: UInt64
}

/// How far a sink is.
public struct OutgoingStatus: Sendable, Equatable {
  public var sink: String
  /// Messages that it acknowledged, and that it never got, since it is known.
  public var delivered: UInt64
  public var dropped: UInt64
  /// Messages that wait for it, and their bytes.
  public var waiting: Int
  public var waitingBytes: Int64
}
