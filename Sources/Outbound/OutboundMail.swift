/// One e-mail, over SMTP.
public struct OutboundMail: Sendable {
  public enum Security: Sendable {
    /// STARTTLS; nothing is sent where the server does not offer it.
    case starttls
    /// TLS from the first byte on.
    case tls
    case none
  }

  /// `smtp.example.com:587`
  public var server: String
  public var security: Security
  public var trust: OutboundTrust
  public var login: Login?
  public var from: String
  public var to: [String]
  /// The whole message with its head, line ends as CR LF.
  public var message: [UInt8]
  public var connectTimeoutMilliseconds = 5_000
  public var timeoutMilliseconds = 30_000

  public struct Login: Sendable {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
      self.username = username
      self.password = password
    }
  }

  public init(
    server: String, security: Security, trust: OutboundTrust = OutboundTrust(),
    login: Login? = nil, from: String, to: [String], message: [UInt8]
  ) {
    self.server = server
    self.security = security
    self.trust = trust
    self.login = login
    self.from = from
    self.to = to
    self.message = message
  }
}
