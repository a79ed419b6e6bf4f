public import Configuration
import Failover
import HealthChecking
import Topology

extension ServicePlan {
  /// As the engine takes it from a configuration.
  /// - Parameter servers: how many the service has.
  public init(_ settings: ServiceSettings, servers: Int) {
    let check: Check =
      switch settings.health.check {
      case .none: .none
      case .tcp, .tls: .connect
      case .http, .https, .command, .grpc: .answer
      }
    self.init(
      algorithm: BalanceAlgorithm(BalanceDecision(settings, servers: servers).balance),
      standby: settings.standby.map { standby in
        StandbyPolicy(
          switchBack: standby.switchBack == .never ? .never : .whenHealthy, after: standby.after)
      },
      stickiness: settings.sticky.map(Stickiness.init),
      ejection: EjectionPolicy(settings.ejection), slowStart: settings.slowStart,
      panicThreshold: settings.panic, retries: RetryPolicy(settings.retries),
      timeouts: Timeouts(settings.timeouts), limits: Limits(settings.limits), check: check,
      health: HealthPolicy(
        interval: settings.health.interval, timeout: settings.health.timeout,
        rise: settings.health.rise, fall: settings.health.fall))
  }
}
