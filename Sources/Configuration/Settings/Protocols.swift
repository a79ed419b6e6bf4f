/// What clients speak at a listener.
public enum ListenerProtocol: String, Sendable, CaseIterable {
  case http, tcp, udp
  /// TLS that is led by the name that its client asks for, and never decrypted.
  case tlsPassthrough = "tls-passthrough"

  /// What the services behind it speak, over TLS or not.
  public var service: ServiceProtocol {
    switch self {
    case .http: .http
    case .tcp, .tlsPassthrough: .tcp
    case .udp: .udp
    }
  }
}

/// What a service's servers speak.
public enum ServiceProtocol: String, Sendable, CaseIterable {
  case http, https, http2, https2, tcp, udp

  /// What its requests or bytes are, whatever carries them: `http`, `tcp` or `udp`.
  public var kind: ServiceProtocol {
    switch self {
    case .http, .https, .http2, .https2: .http
    case .tcp: .tcp
    case .udp: .udp
    }
  }

  public var usesTLS: Bool {
    switch self {
    case .https, .https2: true
    case .http, .http2, .tcp, .udp: false
    }
  }

  /// Many requests on one connection.
  public var isMultiplexed: Bool {
    switch self {
    case .http2, .https2: true
    case .http, .https, .tcp, .udp: false
    }
  }
}
