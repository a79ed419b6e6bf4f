/// How a stream came to its end. Names are what users see in the access log and in the metrics.
public struct StreamEnd: Sendable, Equatable {
  public enum Reason: UInt8, Sendable, CaseIterable {
    case clientClosed, serverClosed, clientReset, serverReset, clientLeft
    case idleTimeout, totalTimeout, drained
    case noHealthyServer, queueFull, queueTimeout, shed, serviceGone, connectFailure, connectTimeout
    case noRoute, badHello, badProxyHeader, prefaceTimeout, tableFull, serverLeft

    public var name: StaticString {
      switch self {
      case .clientClosed: "client-closed"
      case .serverClosed: "server-closed"
      case .clientReset: "client-reset"
      case .serverReset: "server-reset"
      case .clientLeft: "client-left"
      case .idleTimeout: "idle-timeout"
      case .totalTimeout: "total-timeout"
      case .drained: "drained"
      case .noHealthyServer: "no-healthy-server"
      case .queueFull: "queue-full"
      case .queueTimeout: "queue-timeout"
      case .shed: "overload"
      case .serviceGone: "service-gone"
      case .connectFailure: "connect-failure"
      case .connectTimeout: "connect-timeout"
      case .noRoute: "no-route"
      case .badHello: "bad-client-hello"
      case .badProxyHeader: "bad-proxy-header"
      case .prefaceTimeout: "preface-timeout"
      case .tableFull: "table-full"
      case .serverLeft: "server-left"
      }
    }

    /// Whether the service failed its client: nobody took the stream, or it was broken off.
    public var isFailure: Bool {
      switch self {
      case .serverReset, .noHealthyServer, .queueFull, .queueTimeout, .shed, .serviceGone,
        .connectFailure, .connectTimeout, .tableFull:
        true
      case .clientClosed, .serverClosed, .clientReset, .clientLeft, .idleTimeout, .totalTimeout,
        .drained, .noRoute, .badHello, .badProxyHeader, .prefaceTimeout, .serverLeft:
        false
      }
    }
  }

  public let reason: Reason

  public init(_ reason: Reason) { self.reason = reason }

  /// Whether the two sides are closed with a reset, so that nobody takes what he got for all there
  /// was. Whoever broke his own connection has nothing to be told.
  public var resets: Bool { reason != .clientClosed && reason != .serverClosed }
}
