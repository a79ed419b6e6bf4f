/// What a listener asks of its clients' TLS; its certificates are made ready apart from it.
public struct ListenerSecurity: Sendable, Equatable {
  /// Whether a client shows a certificate of its own (RFC 8446, section 4.3.2).
  public enum ClientAuthentication: String, Sendable, CaseIterable {
    case none
    /// One may be shown; one that is not good ends the handshake.
    case request
    /// Without a good one the handshake fails.
    case require
  }

  public var minimumVersion: TLSVersion
  public var clientAuthentication: ClientAuthentication

  public init(
    minimumVersion: TLSVersion = .v12, clientAuthentication: ClientAuthentication = .none
  ) {
    self.minimumVersion = minimumVersion
    self.clientAuthentication = clientAuthentication
  }
}
