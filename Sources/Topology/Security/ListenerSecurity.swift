/// That a listener speaks TLS, and what it asks of its clients; what it speaks it with is made ready
/// apart from it, and where that could not be, nobody is served.
public struct ListenerSecurity: Sendable, Equatable {
  /// Whether a client shows a certificate of its own (RFC 8446, section 4.3.2).
  public enum ClientAuthentication: String, Sendable, CaseIterable {
    case none
    /// One may be shown; one that is not good ends the handshake.
    case request
    /// Without a good one the handshake fails.
    case require
  }

  public var clientAuthentication: ClientAuthentication

  public init(clientAuthentication: ClientAuthentication = .none) {
    self.clientAuthentication = clientAuthentication
  }
}
