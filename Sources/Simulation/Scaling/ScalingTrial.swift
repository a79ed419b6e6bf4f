import Primitives
public import Scaling

/// A trace of load against replicas whose number somebody chooses.
public enum ScalingTrial {
  public enum Decider: Sendable {
    case machine(ScalingPolicy)
    /// Kubernetes' formula on CPU, with its windows or without any.
    case kubernetes(cpu: Double, minimum: Int, maximum: Int)
    case bareFormula(cpu: Double, minimum: Int, maximum: Int)
  }

  private enum Running {
    case machine(ScalingMachine)
    case formula(HorizontalPodFormula)

    init(_ decider: Decider) {
      switch decider {
      case .machine(let policy): self = .machine(ScalingMachine(policy: policy))
      case .kubernetes(let cpu, let minimum, let maximum):
        self = .formula(.init(target: cpu, minimum: minimum, maximum: maximum, isBare: false))
      case .bareFormula(let cpu, let minimum, let maximum):
        self = .formula(.init(target: cpu, minimum: minimum, maximum: maximum, isBare: true))
      }
    }

    mutating func count(for sample: ScalingSample, now: Double) -> (count: Int, why: String) {
      switch self {
      case .machine(var machine):
        let instant = Instant.zero + TimeSpan(nanoseconds: Int64(now * 1e9))
        let decision = machine.handle(.sampled(sample), now: instant)
        self = .machine(machine)
        return (decision?.to ?? sample.count, decision?.sentence ?? "")
      case .formula(var formula):
        let count = formula.count(for: sample, now: now)
        self = .formula(formula)
        return (count, "")
      }
    }
  }

  /// Seconds between two looks.
  public static let interval = 15.0

  /// - Parameters:
  ///   - count: replicas to begin with.
  ///   - limit: for the p95 that is to be held, in seconds.
  public static func run(
    _ trace: LoadTrace, _ decider: Decider, count: Int, p95 limit: Double, seed: UInt64
  ) -> ScalingTrialReport {
    var random = SeededRandom(seed: seed)
    var running = Running(decider)
    var fleet = ReplicaFleet(count: count, length: interval, seconds: trace.seconds)
    var points: [ScalingTrialReport.Point] = []
    var arrival = random.exponential() / trace.rate(at: 0)
    for index in 0..<Int(trace.seconds / interval) {
      let end = Double(index + 1) * interval
      while arrival < end {
        fleet.serve(at: arrival, &random)
        arrival += random.exponential() / max(trace.rate(at: arrival), 0.001)
      }
      fleet.measureReady(index)
      let sample = fleet.sample(index, now: end)
      let ready = fleet.ready(at: end)
      let (wanted, why) = running.count(for: sample, now: end)
      let isChange = wanted != fleet.count
      fleet.scale(to: wanted, at: end)
      points.append(
        .init(
          second: end, requestsPerSecond: sample.traffic?.requestsPerSecond ?? 0, replicas: wanted,
          ready: ready, cpu: sample.replicas.compactMap(\.cpu).first ?? 0,
          p95: sample.traffic?.p95, why: isChange ? why : ""))
    }
    return ScalingTrialReport(points: points, p95Limit: limit)
  }
}
