/// Whether clients show who they are by a certificate.
public enum TLSClientAuthentication: Sendable {
  case none
  /// They are asked to; one that shows none is served all the same, one that shows a wrong one is
  /// not.
  case request(TLSAuthorities)
  case require(TLSAuthorities)

  var authorities: TLSAuthorities? {
    switch self {
    case .none: nil
    case .request(let authorities), .require(let authorities): authorities
    }
  }
}

/// What a listener speaks TLS with.
public struct TLSServerOptions: Sendable {
  /// At least one. The first is for clients that name no server or an unknown one; of those for one
  /// name the first of each kind of key is used, so that RSA and elliptic curves stand side by side.
  public var identities: [TLSIdentity]
  /// What is spoken inside (RFC 7301), the preferred one first: `h2`, `http/1.1`. A client that
  /// offers others only is refused; one that offers none is not.
  public var protocols: [String]
  public var versions: ClosedRange<TLSProtocolVersion> = .tls12 ... .tls13
  public var clients = TLSClientAuthentication.none
  /// Nil gives out no tickets: every handshake is a full one.
  public var tickets: TLSTicketKeys?

  public init(identities: [TLSIdentity], protocols: [String]) {
    self.identities = identities
    self.protocols = protocols
  }
}
