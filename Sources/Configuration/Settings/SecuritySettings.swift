public import Primitives
public import Topology

/// The oldest version of TLS that is spoken; those before 1.2 never are (RFC 8996).
public enum MinimumTLSVersion: String, Sendable, CaseIterable {
  case v12 = "1.2"
  case v13 = "1.3"
}

/// `tls: { … }` of a listener.
public struct ListenerTLSSettings: Sendable, Equatable {
  /// At least one, unless Ballast makes its own.
  public var certificates: [CertificateSettings] = []
  /// `selfSigned: true`: Ballast makes a certificate for development.
  public var isSelfSigned = false
  public var minVersion = MinimumTLSVersion.v12
  /// A file of authorities for clients' certificates, absolute.
  public var clientCA: String?
  /// A file of revoked clients' certificates, absolute.
  public var clientCRL: String?
  public var clientAuth = ListenerSecurity.ClientAuthentication.none

  public init(certificates: [CertificateSettings] = []) { self.certificates = certificates }
}

/// `{ certificate, key }`: two files, absolute.
public struct CertificateSettings: Sendable, Hashable {
  /// The certificate, and behind it those that lead from it to an authority.
  public var certificate: String
  public var key: String

  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// `redirectToHttps: true`, or `{ port }`.
public struct HTTPSRedirectSettings: Sendable, Equatable {
  public var port: UInt16

  public init(port: UInt16 = 443) { self.port = port }
}

/// `hsts: { maxAge, includeSubdomains, preload }` (RFC 6797).
public struct StrictTransportSettings: Sendable, Equatable {
  public var maxAge = TimeSpan.hours(8760)
  public var includesSubdomains = false
  public var preload = false

  public init() {}
}

/// `tls: { … }` of a service.
public struct ServiceTLSSettings: Sendable, Equatable {
  /// A file of authorities instead of the system's, absolute.
  public var ca: String?
  /// nil means each server's address.
  public var serverName: String?
  public var verify = true
  /// What Ballast shows to the servers.
  public var certificate: CertificateSettings?
  public var minVersion = MinimumTLSVersion.v12

  public init() {}
}
