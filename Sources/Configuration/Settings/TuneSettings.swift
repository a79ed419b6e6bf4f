public import Primitives

/// `tune: { by, least, most, interval }`: Ballast evens the servers' latency or CPU by their weights.
public struct TuneSettings: Sendable, Equatable {
  public enum Measure: String, Sendable, CaseIterable {
    case latency, cpu
  }

  public var by: Measure
  /// How far a weight may be from the one that is written: 0.5 for `50%`.
  public var least: Double
  public var most: Double
  /// Between two rounds, at least.
  public var interval: TimeSpan

  public init(
    by: Measure = .latency, least: Double = 0.5, most: Double = 2,
    interval: TimeSpan = .seconds(10)
  ) {
    self.by = by
    self.least = least
    self.most = most
    self.interval = interval
  }
}
