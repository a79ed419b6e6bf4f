public import Failover
public import HealthChecking
public import Primitives
public import Topology

/// What a configuration says of the service, without its servers.
public struct ServicePlan: Sendable {
  public enum Check: Sendable, Equatable {
    /// Taken as healthy unchecked.
    case none
    /// A connection must be made: a server that hangs passes.
    case connect
    /// An answer must come; the check waits in the server's queue like any request.
    case answer
  }

  public var algorithm: BalanceAlgorithm
  /// Exactly one server is active, the first one to begin with; nil shares the work.
  public var standby: StandbyPolicy?
  public var stickiness: Stickiness?
  public var ejection: EjectionPolicy
  public var slowStart: TimeSpan
  public var panicThreshold: Double
  public var retries: RetryPolicy
  public var timeouts: Timeouts
  public var limits: Limits
  public var check: Check
  public var health: HealthPolicy

  public init(
    algorithm: BalanceAlgorithm = .leastTime, standby: StandbyPolicy? = nil,
    stickiness: Stickiness? = nil,
    ejection: EjectionPolicy = EjectionPolicy(), slowStart: TimeSpan = .seconds(10),
    panicThreshold: Double = 0.5, retries: RetryPolicy = RetryPolicy(),
    timeouts: Timeouts = Timeouts(), limits: Limits = Limits(), check: Check = .connect,
    health: HealthPolicy = HealthPolicy()
  ) {
    self.algorithm = algorithm
    self.standby = standby
    self.stickiness = stickiness
    self.ejection = ejection
    self.slowStart = slowStart
    self.panicThreshold = panicThreshold
    self.retries = retries
    self.timeouts = timeouts
    self.limits = limits
    self.check = check
    self.health = health
  }
}
