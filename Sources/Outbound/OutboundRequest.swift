/// One HTTP call of ours to somebody else.
public struct OutboundRequest: Sendable {
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  public var method: Method
  /// `http://` or `https://`, with its path and query percent-encoded.
  public var url: String
  /// Connects to this path instead of the URL's host and port.
  public var unixSocket: String?
  /// Connects here, `10.0.0.1:443` or `[::1]:443`, instead of to the URL's host and port, which stay
  /// the name that a certificate is checked against.
  public var connectTo: String?
  public var trust: OutboundTrust
  public var headers: [OutboundHeader]
  public var body: [UInt8]?
  /// HTTP/2 from the first byte on, without asking whether it is understood.
  public var isFramed = false
  /// Until the connection stands.
  public var connectTimeoutMilliseconds: Int
  /// Until the whole answer is there; nil waits as long as it takes, for streams.
  public var timeoutMilliseconds: Int?
  /// With nothing received for so long, a call that may last ends; nil waits.
  public var stallTimeoutMilliseconds: Int?
  /// The largest body that is taken; one byte more ends the call with `tooLarge`.
  public var bodyLimitBytes: Int

  public init(
    _ method: Method, _ url: String, unixSocket: String? = nil, connectTo: String? = nil,
    trust: OutboundTrust = OutboundTrust(), headers: [OutboundHeader] = [], body: [UInt8]? = nil,
    connectTimeoutMilliseconds: Int = 3_000,
    timeoutMilliseconds: Int? = 30_000, bodyLimitBytes: Int = OutboundLimits.bodyBytes
  ) {
    self.method = method
    self.url = url
    self.unixSocket = unixSocket
    self.connectTo = connectTo
    self.trust = trust
    self.headers = headers
    self.body = body
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.timeoutMilliseconds = timeoutMilliseconds
    self.bodyLimitBytes = bodyLimitBytes
  }
}

/// Which certificates are good.
public struct OutboundTrust: Sendable, Equatable {
  /// False takes any.
  public var verify: Bool
  /// A file of certificates in PEM to trust instead of the system's.
  public var authorities: String?
  /// Shown to a server that asks who we are.
  public var identity: Identity?

  public init(verify: Bool = true, authorities: String? = nil, identity: Identity? = nil) {
    self.verify = verify
    self.authorities = authorities
    self.identity = identity
  }

  /// The files of a certificate, with its chain, and of its key, in PEM.
  public struct Identity: Sendable, Equatable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }
}

public struct OutboundHeader: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// What one call may cost us at most.
public enum OutboundLimits {
  /// Of an answer's body that is collected whole.
  public static let bodyBytes = 16 << 20
  /// Of one line of a streamed answer.
  public static let lineBytes = 1 << 20
  /// Of all of an answer's header fields.
  public static let headBytes = 64 << 10
}
