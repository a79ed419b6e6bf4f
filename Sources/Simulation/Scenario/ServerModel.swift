public import Primitives

/// One server: a queue before a number of places that work at the same time.
public struct ServerModel: Sendable {
  public var name: String
  public var weight: Int
  /// The tier: a lower one is used first.
  public var priority: Int
  /// Whether it stands in the zone that this Ballast is in.
  public var isLocal: Bool
  /// Requests that it works on at a time; 0 is any number.
  public var concurrency: Int
  public var time: ServiceTime
  /// Requests that wait for a place; it answers more than these with 503.
  public var backlog: Int

  public init(
    name: String, weight: Int = 1, priority: Int = 0, isLocal: Bool = true, concurrency: Int = 8,
    time: ServiceTime = ServiceTime(), backlog: Int = 1_024
  ) {
    self.name = name
    self.weight = weight
    self.priority = priority
    self.isLocal = isLocal
    self.concurrency = concurrency
    self.time = time
    self.backlog = backlog
  }

  /// Some that are alike: `s1`, `s2` and so on.
  public static func fleet(_ count: Int, prefix: String = "s", _ model: ServerModel)
    -> [ServerModel]
  {
    (0..<max(0, count)).map { place in
      var server = model
      server.name = "\(prefix)\(place + 1)"
      return server
    }
  }
}

/// How long a server works on a request.
public struct ServiceTime: Sendable, Equatable {
  public enum Distribution: Sendable, Equatable {
    case constant
    case exponential
    /// `sigma` is the standard deviation of the logarithm.
    case logNormal(sigma: Double)
    /// `shape` is over 1; the smaller, the heavier the tail.
    case pareto(shape: Double)
    /// One of these, each as likely; the mean is theirs.
    case recorded([TimeSpan])
  }

  public var distribution: Distribution
  public var mean: TimeSpan

  public init(_ distribution: Distribution = .exponential, mean: TimeSpan = .milliseconds(10)) {
    self.distribution = distribution
    self.mean = mean
  }

  func draw(_ random: inout SeededRandom) -> TimeSpan {
    switch distribution {
    case .constant: mean
    case .exponential: mean.scaled(by: random.exponential())
    case .logNormal(let sigma): mean.scaled(by: random.logNormal(sigma: sigma))
    case .pareto(let shape): mean.scaled(by: random.pareto(shape: shape))
    case .recorded(let times): times.isEmpty ? mean : times[random.below(times.count)]
    }
  }
}
