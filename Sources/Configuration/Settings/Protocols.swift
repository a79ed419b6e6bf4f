/// What clients speak at a listener.
public enum ListenerProtocol: String, Sendable, CaseIterable {
  case http, tcp, udp
  /// TLS that is led by the name that its client asks for, and never decrypted.
  case tlsPassthrough = "tls-passthrough"

  /// What the services behind it speak.
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
  case http, tcp, udp
}
