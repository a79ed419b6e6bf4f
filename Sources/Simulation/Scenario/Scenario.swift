public import Primitives

/// What is simulated: clients, a service, its servers, and what befalls them. The same scenario and
/// seed give the same result to the last request.
public struct Scenario: Sendable {
  public var name: String
  public var seed: UInt64
  /// How long requests arrive; those under way then are still finished.
  public var duration: TimeSpan
  public var arrivals: Arrivals
  public var keys: KeyPopulation
  /// A client waits so long for its answer, then leaves.
  public var clientTimeout: TimeSpan
  /// The share of requests, 0 … 1, that may be sent twice without harm (RFC 9110 section 9.2.2).
  public var idempotentShare: Double
  /// From Ballast to a server, one way.
  public var networkDelay: TimeSpan
  /// Event loops, each with balancers of its own.
  public var workers: Int
  public var servers: [ServerModel]
  public var service: ServicePlan
  public var faults: [Fault]
  public var scaling: [ScalingStep]
  /// How the hooks of a service with one active server go.
  public var promotion: PromotionModel

  public init(
    name: String = "scenario", seed: UInt64 = 1, duration: TimeSpan = .seconds(60),
    arrivals: Arrivals = Arrivals(), keys: KeyPopulation = KeyPopulation(),
    clientTimeout: TimeSpan = .seconds(1), idempotentShare: Double = 1,
    networkDelay: TimeSpan = .microseconds(100), workers: Int = 1, servers: [ServerModel],
    service: ServicePlan = ServicePlan(), faults: [Fault] = [], scaling: [ScalingStep] = [],
    promotion: PromotionModel = PromotionModel()
  ) {
    self.name = name
    self.seed = seed
    self.duration = duration
    self.arrivals = arrivals
    self.keys = keys
    self.clientTimeout = clientTimeout
    self.idempotentShare = idempotentShare
    self.networkDelay = networkDelay
    self.workers = workers
    self.servers = servers
    self.service = service
    self.faults = faults
    self.scaling = scaling
    self.promotion = promotion
  }
}

/// The clients that requests come from; a request's key is its client.
public struct KeyPopulation: Sendable, Equatable {
  public var count: Int
  /// How uneven they are: 0 is even, 1 is as words in a language.
  public var zipf: Double

  public init(count: Int = 10_000, zipf: Double = 0) {
    self.count = count
    self.zipf = zipf
  }
}

/// The hook that a server is promoted with.
public struct PromotionModel: Sendable, Equatable {
  /// How long it runs.
  public var time: TimeSpan
  /// The share of them, 0 … 1, that fail.
  public var failures: Double

  public init(time: TimeSpan = .milliseconds(100), failures: Double = 0) {
    self.time = time
    self.failures = failures
  }
}

/// Servers come or go.
public struct ScalingStep: Sendable, Equatable {
  /// Since the beginning.
  public var at: TimeSpan
  /// New servers, like the first one of the scenario.
  public var add: Int
  /// The last ones are drained; their requests under way are finished.
  public var remove: Int

  public init(at: TimeSpan, add: Int = 0, remove: Int = 0) {
    self.at = at
    self.add = add
    self.remove = remove
  }
}
