public import Primitives

/// `faults` of the configuration.
public struct FaultPolicy: Sendable, Equatable {
  /// For how long a cause has to be gone before the fault is over. Zero ends it at once.
  public var quiet: TimeSpan

  public static let quietRange = TimeSpan.zero...TimeSpan.hours(1)

  public init(quiet: TimeSpan = .seconds(10)) {
    self.quiet = min(max(quiet, Self.quietRange.lowerBound), Self.quietRange.upperBound)
  }
}
