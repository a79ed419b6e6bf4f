public import Primitives

/// A certificate in use. Of its key only the kind is told.
public struct CertificateStatus: Codable, Sendable, Equatable {
  /// Its file, beside the configuration where it lies there.
  public var name: String
  /// Listeners and services that show it.
  public var listeners: [String]
  public var services: [String]
  public var subject: String
  public var issuer: String
  /// Hexadecimal, as the fingerprint, which is the SHA-256 of the whole.
  public var serial: String
  public var fingerprint: String
  /// Hosts and addresses that it is for.
  public var names: [String]
  /// `RSA 2048`, `EC 256` or `Edwards`.
  public var key: String
  public var notBefore: WallTime
  public var notAfter: WallTime
  public var isSelfSigned: Bool
  /// Why what its files hold now is not in use; this one was in them before.
  public var problem: String?

  public init(
    name: String, listeners: [String], services: [String], subject: String, issuer: String,
    serial: String, fingerprint: String, names: [String], key: String, notBefore: WallTime,
    notAfter: WallTime, isSelfSigned: Bool, problem: String? = nil
  ) {
    self.name = name
    self.listeners = listeners
    self.services = services
    self.subject = subject
    self.issuer = issuer
    self.serial = serial
    self.fingerprint = fingerprint
    self.names = names
    self.key = key
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.isSelfSigned = isSelfSigned
    self.problem = problem
  }
}
