import Configuration
import Primitives
import Scaling
import Telemetry

/// The autoscaler of one service: the machine that decides, and what was measured for its next look.
struct ServiceScaler {
  /// For `ballast_scale_decisions_total`.
  struct Outcome: Hashable {
    var direction: ScalingDecision.Direction
    var reason: ScalingDecision.Reason
  }

  /// Sums since the last look.
  private struct Usage {
    var cpu = 0.0
    var memory = 0.0
    var looks = 0
  }

  private(set) var settings: ScaleSettings
  private(set) var machine: ScalingMachine
  private(set) var journal = ScalingJournal()
  private(set) var outcomes: [Outcome: UInt64] = [:]
  private(set) var isSaturated = false
  /// Of the last look.
  private(set) var votes: [ScalingVote] = []

  private var usage: [String: Usage] = [:]
  /// The counters of the last look, and its time; nil before the first.
  private var before: (traffic: TrafficSample.Service, at: Instant)?
  private var inflight = 0
  private var seconds = 0

  init(_ settings: ScaleSettings) {
    self.settings = settings
    machine = ScalingMachine(policy: settings.policy)
  }

  var looksAtReplicas: Bool {
    settings.policy.targets.contains { $0.signal == .cpu || $0.signal == .memory }
  }

  mutating func used(_ shares: ReplicaUsage.Shares, by replica: String) {
    guard looksAtReplicas else { return }
    usage[replica, default: Usage()].cpu += shares.cpu
    usage[replica, default: Usage()].memory += shares.memory
    usage[replica, default: Usage()].looks += 1
  }

  /// Each second.
  mutating func add(_ traffic: TrafficSample.Service, at now: Instant) {
    inflight &+= traffic.inflight
    seconds &+= 1
    if before == nil { before = (traffic, now) }
  }

  func isDue(_ now: Instant) -> Bool {
    guard let before else { return false }
    // The samples come a second apart, give or take.
    return now - before.at >= settings.policy.interval - .milliseconds(500)
  }

  /// What the machine is told; begins the next interval.
  mutating func sample(
    _ traffic: TrafficSample.Service, count: Int, replicas: [(name: String, isReady: Bool)],
    at now: Instant, minuteOfWeek: Int
  ) -> ScalingSample {
    var measured: ScalingSample.Traffic?
    if let before, now > before.at, seconds > 0 {
      var latencies = traffic.latencies
      latencies.subtract(before.traffic.latencies)
      let requests = Double(traffic.requests &- before.traffic.requests)
      measured = ScalingSample.Traffic(
        inflight: Double(inflight) / Double(seconds),
        requestsPerSecond: requests / (now - before.at).seconds,
        p95: latencies.quantile(0.95))
    }
    let seen = replicas.map { replica in
      let used = usage[replica.name].flatMap { $0.looks > 0 ? $0 : nil }
      return ScalingSample.Replica(
        isReady: replica.isReady, cpu: used.map { $0.cpu / Double($0.looks) },
        memory: used.map { $0.memory / Double($0.looks) })
    }
    usage = [:]
    before = (traffic, now)
    (inflight, seconds) = (0, 0)
    return ScalingSample(
      count: count, replicas: seen, traffic: measured, minuteOfWeek: minuteOfWeek)
  }

  /// Lets the machine decide, and keeps what it said.
  /// - Returns: nil when there was nothing to decide.
  mutating func handle(
    _ event: ScalingMachine.Event, now: Instant, at time: WallTime
  ) -> ScalingDecision? {
    switch event {
    case .sampled(_), .policyChanged(_, _): break
    case .requested(_), .ordered(_, _):
      // What was measured before says nothing of after.
      (before, usage) = (nil, [:])
      (inflight, seconds) = (0, 0)
    }
    guard let decision = machine.handle(event, now: now) else { return nil }
    journal.add(decision, at: time)
    if case .sampled = event { votes = decision.votes }
    outcomes[Outcome(direction: decision.direction, reason: decision.reason), default: 0] &+= 1
    return decision
  }

  /// - Returns: whether that is news.
  mutating func saturate(_ isSaturated: Bool) -> Bool {
    defer { self.isSaturated = isSaturated }
    return isSaturated != self.isSaturated
  }

  mutating func follow(_ settings: ScaleSettings) { self.settings = settings }
}
