/// What was measured since the last look, which is `ScalingPolicy.interval` ago.
public struct ScalingSample: Sendable, Equatable {
  /// One that runs and is not being stopped. Those beyond the wanted count, as a deployment has for a
  /// while, are among them: they do a part of the work.
  public struct Replica: Sendable, Equatable {
    public var isReady: Bool
    /// Shares of what it may use; nil when it was not measured.
    public var cpu: Double?
    public var memory: Double?

    public init(isReady: Bool, cpu: Double? = nil, memory: Double? = nil) {
      self.isReady = isReady
      self.cpu = cpu
      self.memory = memory
    }
  }

  /// Of the service as a whole.
  public struct Traffic: Sendable, Equatable {
    /// On average, those that wait included.
    public var inflight: Double
    public var requestsPerSecond: Double
    /// Seconds; nil when nothing was answered.
    public var p95: Double?

    public init(inflight: Double, requestsPerSecond: Double, p95: Double? = nil) {
      self.inflight = inflight
      self.requestsPerSecond = requestsPerSecond
      self.p95 = p95
    }

    var isIdle: Bool { inflight <= 0 && requestsPerSecond <= 0 }
  }

  /// Wanted now; replicas beyond it are not counted.
  public var count: Int
  public var replicas: [Replica]
  /// Nil when nobody told.
  public var traffic: Traffic?
  /// From Monday 00:00 on, in the time that the schedule is written in.
  public var minuteOfWeek: Int

  public init(count: Int, replicas: [Replica] = [], traffic: Traffic?, minuteOfWeek: Int = 0) {
    self.count = count
    self.replicas = replicas
    self.traffic = traffic
    self.minuteOfWeek = minuteOfWeek
  }
}
