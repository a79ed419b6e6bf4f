/// What another configuration would change, and what that would cost while it happens.
public struct ChangePlan: Codable, Sendable, Equatable {
  public struct Difference: Codable, Sendable, Equatable {
    /// `listener`, `route`, `service`, `server` or `setting`.
    public var kind: String
    public var name: String
    /// `added`, `removed` or `changed`.
    public var change: String
    /// As `config get` takes it.
    public var path: String
    /// As written; nil where nothing is.
    public var old: String?
    public var new: String?
    /// What holds where nothing is written.
    public var standard: String?

    public init(
      kind: String, name: String, change: String, path: String, old: String? = nil,
      new: String? = nil, standard: String? = nil
    ) {
      self.kind = kind
      self.name = name
      self.change = change
      self.path = path
      self.old = old
      self.new = new
      self.standard = standard
    }
  }

  public struct Listener: Codable, Sendable, Equatable {
    public var name: String
    /// `opens`, `closes`, or `moves` to another address.
    public var change: String
    public var address: String
    /// Open now at what closes or moves.
    public var connections: Int

    public init(name: String, change: String, address: String, connections: Int = 0) {
      self.name = name
      self.change = change
      self.address = address
      self.connections = connections
    }
  }

  public struct Risk: Codable, Sendable, Equatable {
    public enum Severity: String, Codable, Sendable { case info, warning, danger }

    public var severity: Severity
    public var service: String?
    public var message: String

    public init(_ severity: Severity, service: String? = nil, _ message: String) {
      self.severity = severity
      self.service = service
      self.message = message
    }
  }

  public var differences: [Difference]
  public var listeners: [Listener]
  /// Those whose servers, replicas or limits change.
  public var services: [ServicePlan]
  /// Keys that hold only after `ballast upgrade`.
  public var needsUpgrade: [String]
  public var risks: [Risk]
  /// Whether `--strict` refuses it: a service would, or may, be under its load on the way.
  public var isUnderCapacity: Bool
  /// What the new text is warned of.
  public var warnings: [String]

  public init(
    differences: [Difference] = [], listeners: [Listener] = [], services: [ServicePlan] = [],
    needsUpgrade: [String] = [], risks: [Risk] = [], isUnderCapacity: Bool = false,
    warnings: [String] = []
  ) {
    self.differences = differences
    self.listeners = listeners
    self.services = services
    self.needsUpgrade = needsUpgrade
    self.risks = risks
    self.isUnderCapacity = isUnderCapacity
    self.warnings = warnings
  }
}

/// What becomes of one service.
public struct ServicePlan: Codable, Sendable, Equatable {
  /// How many servers take work.
  public struct Ready: Codable, Sendable, Equatable {
    public var now: Int
    /// The fewest on the way, by our doing.
    public var lowest: Int
    public var after: Int

    public init(now: Int, lowest: Int, after: Int) {
      self.now = now
      self.lowest = lowest
      self.after = after
    }
  }

  /// What the fewest servers of the way can take, against what comes.
  public struct Capacity: Codable, Sendable, Equatable {
    public enum Verdict: String, Codable, Sendable {
      /// There is no load · it suffices.
      case idle, enough
      /// It was never seen that so few servers carry this load.
      case unproven
      case short, unknown
    }

    /// `limits`, `adaptive-limit`, `measured-peak` or `unknown`.
    public var basis: String
    /// `requests` under way at a time, or `requests/s`.
    public var unit: String
    /// Of one server; nil when unknown.
    public var perServer: Double?
    public var lowest: Double?
    /// With one server fewer than the fewest.
    public var lowestAfterLoss: Double?
    public var load: Double
    public var verdict: Verdict
    public var verdictAfterLoss: Verdict

    public init(
      basis: String, unit: String, perServer: Double? = nil, lowest: Double? = nil,
      lowestAfterLoss: Double? = nil, load: Double, verdict: Verdict, verdictAfterLoss: Verdict
    ) {
      self.basis = basis
      self.unit = unit
      self.perServer = perServer
      self.lowest = lowest
      self.lowestAfterLoss = lowestAfterLoss
      self.load = load
      self.verdict = verdict
      self.verdictAfterLoss = verdictAfterLoss
    }
  }

  /// What is at the servers that leave.
  public struct Leaving: Codable, Sendable, Equatable {
    public var servers: [String]
    public var connections: Int
    public var requests: Int
    /// Clients that are tied to them and will be placed anew; nil where nobody counts them, since
    /// their cookies say it.
    public var sessions: Int?

    public init(
      servers: [String] = [], connections: Int = 0, requests: Int = 0, sessions: Int? = 0
    ) {
      self.servers = servers
      self.connections = connections
      self.requests = requests
      self.sessions = sessions
    }
  }

  public var name: String
  public var requestsPerSecond: Double
  public var inflight: Int
  /// How its replicas are replaced: `rolling` …; nil when they aren't.
  public var rollout: String?
  public var ready: Ready
  public var capacity: Capacity
  public var leaving: Leaving
  /// Share of hash keys that go to another server afterwards, 0 … 1; nil where nothing is hashed.
  public var remappedKeys: Double?

  public init(
    name: String, requestsPerSecond: Double = 0, inflight: Int = 0, rollout: String? = nil,
    ready: Ready, capacity: Capacity, leaving: Leaving = Leaving(), remappedKeys: Double? = nil
  ) {
    self.name = name
    self.requestsPerSecond = requestsPerSecond
    self.inflight = inflight
    self.rollout = rollout
    self.ready = ready
    self.capacity = capacity
    self.leaving = leaving
    self.remappedKeys = remappedKeys
  }
}
