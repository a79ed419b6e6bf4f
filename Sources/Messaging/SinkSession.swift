/// One connection to a sink, of whatever kind. The caller's duties:
/// 1. Send `output` and empty it, after each call.
/// 2. Go over to TLS before anything when `beginsWithTLS`, else when `progress` says so; then
///    `secured`.
/// 3. Give what comes to `receive`, also while nothing is waited for.
/// 4. `send` only while `progress` is `ready`; close the connection when it is `failed`.
public enum SinkSession: Sendable {
  case nats(NATSSession)
  case redis(RedisSession)

  public var progress: SinkProgress {
    switch self {
    case .nats(let session): session.progress
    case .redis(let session): session.progress
    }
  }

  public var acknowledged: Int {
    switch self {
    case .nats(let session): session.acknowledged
    case .redis(let session): session.acknowledged
    }
  }

  public var refusal: SinkRefusal? {
    switch self {
    case .nats(let session): session.refusal
    case .redis(let session): session.refusal
    }
  }

  /// A server of NATS speaks first and in the clear.
  public var beginsWithTLS: Bool {
    switch self {
    case .nats: false
    case .redis: true
    }
  }

  public mutating func takeOutput() -> [UInt8] {
    switch self {
    case .nats(var session):
      let output = session.output
      session.output = []
      self = .nats(session)
      return output
    case .redis(var session):
      let output = session.output
      session.output = []
      self = .redis(session)
      return output
    }
  }

  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    switch self {
    case .nats(var session):
      session.receive(bytes)
      self = .nats(session)
    case .redis(var session):
      session.receive(bytes)
      self = .redis(session)
    }
  }

  public mutating func secured() {
    guard case .nats(var session) = self else { return }
    session.secured()
    self = .nats(session)
  }

  public mutating func send(_ messages: [SinkMessage]) {
    switch self {
    case .nats(var session):
      session.send(messages)
      self = .nats(session)
    case .redis(var session):
      session.send(messages)
      self = .redis(session)
    }
  }
}
