public import Primitives

/// A server's health became another.
public struct HealthChange: Sendable, Equatable {
  public var from: HealthState
  public var to: HealthState
  /// A sentence for people, such as `3 checks in a row failed, the last with connection refused`.
  public var cause: String
  /// When the first of the results that led here was seen. A fault begins with its first sign,
  /// not with the certainty of it.
  public var firstSign: Instant

  public init(from: HealthState, to: HealthState, cause: String, firstSign: Instant) {
    self.from = from
    self.to = to
    self.cause = cause
    self.firstSign = firstSign
  }
}
