/// Why Ballast answers a request itself. Names are what users see in `X-Ballast-Reason`.
public enum ExchangeFailure: UInt8, Sendable {
  case noRoute, noHealthyServer, queueFull, queueTimeout, shed
  case connectFailure, connectTimeout, serverReset, serverClosed, badAnswer
  case responseTimeout, totalTimeout
  case requestTimeout, badBody, bodyTooLarge, headTooLarge, serviceGone
  case rateLimited, banned
  /// A rewrite, a redirect or a Host that leads where no request may go.
  case badTarget, misdirected
  /// Each server of HTTP/2 that was asked took nothing of it · it asks for another protocol, which the
  /// server doesn't offer.
  case refused, noUpgrade

  public var status: Int {
    switch self {
    case .noRoute: 404
    case .noHealthyServer, .queueFull, .queueTimeout, .shed, .serviceGone, .refused: 503
    case .connectFailure, .serverReset, .serverClosed, .badAnswer, .noUpgrade: 502
    case .connectTimeout, .responseTimeout, .totalTimeout: 504
    case .requestTimeout: 408
    case .badBody, .badTarget: 400
    case .misdirected: 421
    case .bodyTooLarge: 413
    case .rateLimited: 429
    case .banned: 403
    case .headTooLarge: 431
    }
  }

  public var reason: StaticString {
    switch self {
    case .noRoute: "no-route"
    case .noHealthyServer: "no-healthy-server"
    case .queueFull: "queue-full"
    case .queueTimeout: "queue-timeout"
    case .shed: "overload"
    case .connectFailure: "connect-failure"
    case .connectTimeout: "connect-timeout"
    case .serverReset: "server-reset"
    case .serverClosed: "server-closed"
    case .badAnswer: "bad-answer"
    case .responseTimeout: "response-timeout"
    case .totalTimeout: "total-timeout"
    case .requestTimeout: "request-timeout"
    case .badBody: "bad-body"
    case .badTarget: "bad-target"
    case .misdirected: "misdirected"
    case .bodyTooLarge: "body-too-large"
    case .rateLimited: "rate-limited"
    case .banned: "banned"
    case .headTooLarge: "head-too-large"
    case .serviceGone: "service-gone"
    case .refused: "refused-stream"
    case .noUpgrade: "no-upgrade"
    }
  }
}
