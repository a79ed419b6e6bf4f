public import Primitives

/// `health: { http | https | grpc | tcp | tls | command | none, agent, interval, timeout, rise, fall }`.
public struct HealthSettings: Sendable, Equatable {
  public enum Check: Sendable, Equatable {
    case http(HTTPCheck)
    case https(HTTPCheck, TLSCheck)
    /// `grpc.health.v1`, of this service; the empty name is the server as a whole.
    /// Over TLS where there is something to say about that.
    case grpc(service: String, TLSCheck?)
    case tcp
    case tls(TLSCheck)
    /// Exit 0 is good. `${ADDRESS}`, `${HOST}`, `${PORT}`, `${SERVER}` and `${SERVICE}` in it are
    /// replaced for each check.
    case command(CommandSettings)
    /// Taken as healthy unchecked, unless an agent says otherwise.
    case none
  }

  public struct HTTPCheck: Sendable, Equatable {
    public var path: String
    public var status: [ClosedRange<Int>]
    /// The check's own Host header; nil means the server's address.
    public var host: String?
    /// Text that the first 64 KiB of the body must contain.
    public var body: String?

    public init(
      path: String = "/", status: [ClosedRange<Int>] = [200...299], host: String? = nil,
      body: String? = nil
    ) {
      self.path = path
      self.status = status
      self.host = host
      self.body = body
    }
  }

  public struct TLSCheck: Sendable, Equatable {
    /// Whether the certificate must be good.
    public var verify: Bool
    /// A file of certificates to trust instead of the system's, absolute.
    public var ca: String?
    /// The name that is asked for (SNI) and that the certificate must have; nil means the check's
    /// Host header, and without one the server's address.
    public var serverName: String?
    /// The service's, for servers that ask who we are.
    public var certificate: CertificateSettings?

    public init(
      verify: Bool = true, ca: String? = nil, serverName: String? = nil,
      certificate: CertificateSettings? = nil
    ) {
      self.verify = verify
      self.ca = ca
      self.serverName = serverName
      self.certificate = certificate
    }
  }

  /// `agent: { port, interval }`: a program at the server's host that says how it is.
  public struct Agent: Sendable, Equatable {
    public var port: UInt16
    public var interval: TimeSpan

    public init(port: UInt16, interval: TimeSpan = .seconds(2)) {
      self.port = port
      self.interval = interval
    }
  }

  public var check: Check
  public var agent: Agent?
  public var interval: TimeSpan
  public var timeout: TimeSpan
  public var rise: Int
  public var fall: Int

  public init(
    check: Check = .tcp, agent: Agent? = nil, interval: TimeSpan = .seconds(2),
    timeout: TimeSpan = .seconds(1), rise: Int = 2, fall: Int = 3
  ) {
    self.check = check
    self.agent = agent
    self.interval = interval
    self.timeout = timeout
    self.rise = rise
    self.fall = fall
  }

  /// Whether anything says how a server is; without it, every server is taken as healthy.
  public var isWatched: Bool { check != .none || agent != nil }
}
