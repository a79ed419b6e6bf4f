import Configuration
import Deployment

/// What a rollout may do to the number of ready replicas.
struct RolloutShape {
  /// As messages call it.
  var name: String
  /// Replicas that may be missing on the way, by our doing.
  var maxUnavailable: Int

  /// Blue-green and canary have the new ones ready before an old one goes.
  init(_ service: ServiceSettings, replicas: Int) {
    name = service.deploy.strategy.rawValue
    maxUnavailable =
      service.deploy.strategy == .rolling ? service.deploy.unavailable(of: replicas) : 0
  }
}
