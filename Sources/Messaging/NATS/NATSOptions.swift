/// How a server of NATS is spoken to.
public struct NATSOptions: Sendable, Equatable {
  /// What the subjects begin with: `ballast` for `ballast.event.started`.
  public var subject: String
  public var username: String?
  public var password: String?
  public var token: String?
  /// The connection goes over to TLS before anything is told.
  public var usesTLS = false
  /// A stream of JetStream acknowledges each message once it is kept; without, the server alone tells
  /// that it has seen them.
  public var isJetStream = true
  /// Ballast's own version, told to the server.
  public var version = ""

  public init(subject: String) { self.subject = subject }

  /// Letters, digits, `-` and `_` of a topic stay; what has a meaning in subjects doesn't.
  func subject(of message: SinkMessage) -> String {
    let topic = message.topic.utf8.map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: byte
      default: 0x5F
      }
    }
    return subject + "." + String(decoding: topic, as: UTF8.self)
  }
}
