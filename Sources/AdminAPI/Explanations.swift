/// A request that is not sent: where would it go?
public struct ExplainRequest: Codable, Sendable, Equatable {
  public var method: String
  /// `http://host[:port]/path?query`, or a path alone.
  public var url: String
  /// `Name: value`, a line each.
  public var headers: [String]?
  /// The client's address, with or without a port; 127.0.0.1 when absent.
  public var client: String?
  /// A listener's name; else the one that has the URL's port, else the first.
  public var listener: String?

  public init(
    method: String, url: String, headers: [String]? = nil, client: String? = nil,
    listener: String? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.client = client
    self.listener = listener
  }
}

/// The way that a request would take now.
public struct RequestExplanation: Codable, Sendable, Equatable {
  public struct RouteTrial: Codable, Sendable, Equatable {
    public var route: String
    /// `matched`; `host`, `path`, `method`, `header`, `query`, `client`: what kept it from taking the
    /// request; `not-asked`: one before it took it.
    public var result: String
    /// The condition that the request does not fulfil, in words, when it is neither host nor path.
    public var failed: String?
    /// Of the route; nil takes any.
    public var host: String?
    public var path: String?
    public var conditions: [String]?
    /// As in a route's status.
    public var action: String?
    public var service: String?

    public init(route: String, result: String, host: String?, path: String?) {
      self.route = route
      self.result = result
      self.host = host
      self.path = path
    }
  }

  public struct Session: Codable, Sendable, Equatable {
    /// `inserted-cookie`, `learned-cookie`, `source`.
    public var kind: String
    /// Of the cookie.
    public var cookie: String?
    /// Where the client's session is; nil for a client without one.
    public var server: String?

    public init(kind: String, cookie: String?, server: String?) {
      self.kind = kind
      self.cookie = cookie
      self.server = server
    }
  }

  public struct Retries: Codable, Sendable, Equatable {
    public var attempts: Int
    /// `connect-failure`, `reset`, `gateway-error`.
    public var on: [String]
    /// Whether a server may see this request twice. Only what never reached a server is sent again
    /// otherwise.
    public var repeatable: Bool
    /// Share of the requests.
    public var budget: Double
    /// Seconds; nil for none.
    public var perTryTimeout: Double?
    public var hedgeAfter: Double?

    public init(
      attempts: Int, on: [String], repeatable: Bool, budget: Double, perTryTimeout: Double?,
      hedgeAfter: Double?
    ) {
      self.attempts = attempts
      self.on = on
      self.repeatable = repeatable
      self.budget = budget
      self.perTryTimeout = perTryTimeout
      self.hedgeAfter = hedgeAfter
    }
  }

  /// Seconds; nil for none.
  public struct Timeouts: Codable, Sendable, Equatable {
    public var connect: Double?
    public var response: Double?
    public var idle: Double?
    public var total: Double?
    public var queue: Double?

    public init(
      connect: Double?, response: Double?, idle: Double?, total: Double?, queue: Double?
    ) {
      self.connect = connect
      self.response = response
      self.idle = idle
      self.total = total
      self.queue = queue
    }
  }

  /// A server as one worker sees it.
  public struct Candidate: Codable, Sendable, Equatable {
    public var server: String
    public var address: String
    /// `open`, `avoided`, `tried`, `full`, `too-loaded`; of one that gets no requests the reason:
    /// `unhealthy`, `unchecked`, `draining`, `maintenance`, `weight-zero`, `standby`, `tier`, `zone`,
    /// `version`.
    public var standing: String
    /// After its slow start's part; nil for one that gets no requests.
    public var weight: Double?
    /// The algorithm's own number, lower is better; nil where it has none.
    public var score: Double?
    public var inflight: Int

    public init(
      server: String, address: String, standing: String, weight: Double?, score: Double?,
      inflight: Int
    ) {
      self.server = server
      self.address = address
      self.standing = standing
      self.weight = weight
      self.score = score
      self.inflight = inflight
    }
  }

  /// Each worker balances by its own traffic.
  public struct Worker: Codable, Sendable, Equatable {
    public var worker: Int
    /// `server`, `full`: it would wait, `none`: it would be answered 503.
    public var choice: String
    public var server: String?
    /// `session` or the name of the algorithm.
    public var chosenBy: String
    /// Who the candidates are, in a sentence.
    public var set: String
    public var candidates: [Candidate]
    /// Requests that wait.
    public var queued: Int

    public init(
      worker: Int, choice: String, server: String?, chosenBy: String, set: String,
      candidates: [Candidate], queued: Int
    ) {
      self.worker = worker
      self.choice = choice
      self.server = server
      self.chosenBy = chosenBy
      self.set = set
      self.candidates = candidates
      self.queued = queued
    }
  }

  public var method: String
  public var host: String?
  public var target: String
  public var client: String
  public var listener: String
  /// Why this listener.
  public var listenerReason: String
  /// In the order in which they are asked.
  public var routes: [RouteTrial]
  public var route: String?
  /// What the route does, as in its status.
  public var action: String?
  /// What follows is absent for a request that goes to no service.
  public var service: String?
  public var balance: String?
  public var balanceReason: String?
  /// What is hashed, as in the configuration, and its hash in hexadecimal digits.
  public var hashed: [String]?
  public var hash: String?
  public var session: Session?
  public var retries: Retries?
  public var timeouts: Timeouts?
  public var workers: [Worker]

  public init(
    method: String, host: String?, target: String, client: String, listener: String,
    listenerReason: String, routes: [RouteTrial] = []
  ) {
    self.method = method
    self.host = host
    self.target = target
    self.client = client
    self.listener = listener
    self.listenerReason = listenerReason
    self.routes = routes
    workers = []
  }
}
