import Primitives
import Topology

/// What is known of a server at run time, beyond its settings.
struct ServerCondition: Sendable, Equatable {
  var health = Server.Health.unknown
  /// When the checks found it healthy after it was not; nil when it always was, or since the engine
  /// before this one.
  var healthySince: Instant?
  /// What an operator said.
  var availability = Server.Availability.ready
  /// Set by an operator; nil leaves the one of the file.
  var weight: Int?
  /// Its replica is about to be stopped.
  var isLeaving = false
  /// Of a service with one active server: whether it is not that one. Until it is known to be, it
  /// stands by, so that there never are two.
  var isStandby: Bool?
  /// Percent of its weight, said by its agent.
  var agentWeight: Int?
  /// Percent of its weight, found by the tuning; nil leaves it.
  var tunedWeight: Int?
  /// Its agent asks for no new work.
  var agentDrains = false

  var effectiveAvailability: Server.Availability {
    (isLeaving || agentDrains) && availability == .ready ? .draining : availability
  }
}
