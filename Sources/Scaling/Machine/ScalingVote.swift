/// What one signal asks for.
public struct ScalingVote: Sendable, Equatable {
  public enum Ballot: Sendable, Equatable {
    case replicas(Int)
    /// It has no opinion: nothing was asked, or other signals know better.
    case abstains
    /// It could not be measured, so nothing may be taken away.
    case missing
  }

  public var signal: ScalingSignal
  public var target: Double
  /// Of one replica, in the signal's unit; nil when it was not measured.
  public var measured: Double?
  public var ballot: Ballot

  public var replicas: Int? { if case .replicas(let count) = ballot { count } else { nil } }
}
