public import Primitives

/// What became of a request. Seconds from its beginning, unless they say otherwise.
public struct RequestTrace: Codable, Sendable, Equatable {
  public struct Try: Codable, Sendable, Equatable {
    public var server: String
    /// `chosen`, `session`, `hedge`, or what made it after one before: `connect-failure`, `reset`,
    /// `timeout`, `stale-connection`, `gateway-error`.
    public var because: String
    public var began: Double
    /// When the connection stood that it had to wait for.
    public var connected: Double?
    public var answerBegan: Double?
    public var ended: Double
    /// `answered`, `connect-failure`, `reset`, `timeout`, `stale-connection`, `gateway-error`,
    /// `overtaken` by the other of two, `failed` with the request, `cut`, `abandoned` by the client.
    public var end: String
    public var status: Int?
    /// Over a connection that had served before.
    public var reused: Bool

    public init(
      server: String, because: String, began: Double, connected: Double? = nil,
      answerBegan: Double?, ended: Double,
      end: String, status: Int?, reused: Bool
    ) {
      self.server = server
      self.because = because
      self.began = began
      self.connected = connected
      self.answerBegan = answerBegan
      self.ended = ended
      self.end = end
      self.status = status
      self.reused = reused
    }
  }

  public var id: String
  /// The trace that it is part of, in 32 hexadecimal digits; nil where none was made.
  public var trace: String?
  public var at: WallTime
  /// In all.
  public var duration: Double
  public var worker: Int
  public var topologyVersion: UInt64
  public var client: String
  public var listener: String
  public var method: String
  /// The first 128 bytes.
  public var host: String
  public var target: String
  public var route: String?
  public var service: String?
  /// In hexadecimal digits; nil where nothing was hashed.
  public var hash: String?
  /// Where the client's session was.
  public var sessionServer: String?
  /// The first three and the last; `triesLeftOut` were between.
  public var tries: [Try]
  public var triesLeftOut: Int
  /// 0 when no answer was begun.
  public var status: Int
  /// Of an answer of Ballast's own.
  public var reason: String?
  public var requestBytes: Int64
  public var answerBytes: Int64

  public init(
    id: String, trace: String? = nil, at: WallTime, duration: Double, worker: Int,
    topologyVersion: UInt64,
    client: String, listener: String, method: String, host: String, target: String,
    route: String?, service: String?, hash: String?, sessionServer: String?, tries: [Try],
    triesLeftOut: Int, status: Int, reason: String?, requestBytes: Int64, answerBytes: Int64
  ) {
    self.id = id
    self.trace = trace
    self.at = at
    self.duration = duration
    self.worker = worker
    self.topologyVersion = topologyVersion
    self.client = client
    self.listener = listener
    self.method = method
    self.host = host
    self.target = target
    self.route = route
    self.service = service
    self.hash = hash
    self.sessionServer = sessionServer
    self.tries = tries
    self.triesLeftOut = triesLeftOut
    self.status = status
    self.reason = reason
    self.requestBytes = requestBytes
    self.answerBytes = answerBytes
  }
}
