public import Primitives

/// When requests come. Clients don't wait for one another's answers (an open model), since real ones
/// don't either: Schroeder, Wierman, Harchol-Balter, "Open Versus Closed: A Cautionary Tale", 2006.
public struct Arrivals: Sendable {
  public enum Process: Sendable, Equatable {
    /// Independent of one another.
    case poisson
    /// All gaps alike.
    case uniform
    /// As recorded; the rates are not looked at.
    case trace([TracedRequest])
  }

  /// From `at` on; a ramp goes to the next step's rate in a straight line.
  public struct Step: Sendable, Equatable {
    /// Since the beginning.
    public var at: TimeSpan
    /// Requests a second.
    public var rate: Double
    public var isRamp: Bool

    public init(at: TimeSpan = .zero, rate: Double, isRamp: Bool = false) {
      self.at = at
      self.rate = rate
      self.isRamp = isRamp
    }
  }

  public var process: Process
  /// In the order of time.
  public var steps: [Step]

  public init(rate: Double = 1_000, process: Process = .poisson) {
    self.process = process
    steps = [Step(rate: rate)]
  }

  public init(steps: [Step], process: Process = .poisson) {
    self.process = process
    self.steps = steps.sorted { $0.at < $1.at }
  }
}

/// One request of a recorded access log.
public struct TracedRequest: Sendable, Equatable {
  /// Since the first.
  public var at: TimeSpan
  /// Of the client; the same client has the same one.
  public var key: UInt64
  public var isIdempotent: Bool

  public init(at: TimeSpan, key: UInt64, isIdempotent: Bool) {
    self.at = at
    self.key = key
    self.isIdempotent = isIdempotent
  }
}
