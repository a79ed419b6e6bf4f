/// What came by one way through Ballast.
public struct FlowStatus: Codable, Sendable, Equatable {
  public var listener: String
  /// Nil where no route took it, and for streams.
  public var route: String?
  /// Nil for what a route answered by itself, and for what no route took.
  public var service: String?
  /// Over the last ten seconds; of streams those that ended.
  public var requestsPerSecond: Double

  public init(listener: String, route: String?, service: String?, requestsPerSecond: Double) {
    self.listener = listener
    self.route = route
    self.service = service
    self.requestsPerSecond = requestsPerSecond
  }
}

/// Charts of several things over the same moments.
public struct TrafficSeriesStatus: Codable, Sendable, Equatable {
  /// Of a service, or of a server of one. The lists are as long as `times`, with nothing where
  /// nothing is known.
  public struct Series: Codable, Sendable, Equatable {
    public var name: String
    /// A second.
    public var requests: [Double?]
    public var failures: [Double?]
    /// Seconds, within 3.2 % of services and 6.25 % of servers; nil where services are compared.
    public var p50: [Double?]?
    public var p99: [Double?]

    public init(
      name: String, requests: [Double?], failures: [Double?], p50: [Double?]?, p99: [Double?]
    ) {
      self.name = name
      self.requests = requests
      self.failures = failures
      self.p50 = p50
      self.p99 = p99
    }
  }

  /// Seconds.
  public var step: Int
  /// Where each step begins, in seconds since 1970, oldest first.
  public var times: [Int]
  /// Of the service whose servers these are; nil when services are compared.
  public var total: Series?
  public var series: [Series]

  public init(step: Int, times: [Int], total: Series? = nil, series: [Series]) {
    self.total = total
    self.step = step
    self.times = times
    self.series = series
  }
}
