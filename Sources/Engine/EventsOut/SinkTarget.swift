import AdminAPI
import Configuration
import Messaging
import Primitives
import TLS

/// How a sink is reached.
struct SinkTarget: Sendable {
  enum Security: Sendable {
    case none
    /// Nil when the files of its certificates can't be used: then it is not spoken to.
    case tls(TLSClientContext?, serverName: String?)
  }

  var settings: EventSinkSettings
  var security: Security

  /// - Returns: nil when the system gives no randomness.
  func session() -> SinkSession? {
    switch settings.target {
    case .nats(let nats):
      guard let secret = SessionSecret.fresh()?.instanceName else { return nil }
      var options = NATSOptions(subject: nats.subject)
      options.username = settings.username
      options.password = settings.password
      options.token = nats.token
      options.usesTLS = settings.tls != nil
      options.isJetStream = nats.isJetStream
      options.version = BallastVersion.current
      return .nats(NATSSession(options, secret: secret))
    case .redis(let redis):
      var options = RedisOptions(stream: redis.stream, maxLength: redis.maxLength)
      options.database = redis.database
      options.username = settings.username
      options.password = settings.password
      return .redis(RedisSession(options))
    }
  }

  /// Whether a connection to the other one is a connection to this one.
  func isSame(as other: SinkTarget) -> Bool {
    guard settings == other.settings else { return false }
    switch (security, other.security) {
    case (.none, .none): return true
    case (.tls(let one, let name), .tls(let two, let other)): return one === two && name == other
    default: return false
    }
  }
}
