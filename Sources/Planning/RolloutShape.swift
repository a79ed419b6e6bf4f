import Configuration

/// What a rollout may do to the number of ready replicas.
struct RolloutShape {
  /// As messages call it.
  var name: String
  /// Replicas that may be missing on the way, by our doing.
  var maxUnavailable: Int

  init(_ service: ServiceSettings) {
    name = "rolling"
    maxUnavailable = 0
  }
}
