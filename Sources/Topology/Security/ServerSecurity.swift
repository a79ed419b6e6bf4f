/// How a service's servers are spoken to over TLS; authorities and certificates are made ready apart
/// from it.
public struct ServerSecurity: Sendable, Equatable {
  /// The name that is asked for (SNI) and that the certificate must have; nil means each server's
  /// address.
  public var serverName: String?
  /// Whether a certificate must be good, and for its name.
  public var verifies: Bool

  public init(serverName: String? = nil, verifies: Bool = true) {
    self.serverName = serverName
    self.verifies = verifies
  }
}
