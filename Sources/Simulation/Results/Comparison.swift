import Primitives
public import Topology

/// The same clients, servers and faults under several algorithms.
public struct Comparison: Sendable, Equatable {
  public var reports: [SimulationReport]
  public var recommendation: Recommendation

  /// All but the hashes, which tie clients to servers, and the scenario's own if it is one.
  public static func algorithms(for scenario: Scenario) -> [BalanceAlgorithm] {
    let all: [BalanceAlgorithm] = [
      .roundRobin, .random, .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad, .first,
    ]
    if case .hash(let policy) = scenario.service.algorithm {
      return all + methods.map { .hash(policy.with($0)) }
    }
    return all + [.hash(HashPolicy())]
  }

  private static let methods: [HashPolicy.Method] = [.maglev, .ring, .rendezvous]

  /// - Parameter progress: told what is simulated, and the share of all that is done.
  public static func run(
    _ scenario: Scenario, progress: (String, Double) -> Void = { _, _ in }
  ) -> Comparison {
    let algorithms = algorithms(for: scenario)
    var reports: [SimulationReport] = []
    for (place, algorithm) in algorithms.enumerated() {
      var one = scenario
      one.service.algorithm = algorithm
      let report = Simulator.run(one) { part in
        progress(algorithm.displayName, (Double(place) + part) / Double(algorithms.count))
      }
      reports.append(report)
    }
    var wantsHash = false
    if case .hash = scenario.service.algorithm { wantsHash = true }
    return Comparison(
      reports: reports, recommendation: Recommendation(reports, wantsHash: wantsHash))
  }
}

extension HashPolicy {
  fileprivate func with(_ method: Method) -> HashPolicy {
    HashPolicy(keys: keys, method: method, boundedLoad: boundedLoad)
  }
}

/// One algorithm, and why that one.
public struct Recommendation: Sendable, Equatable {
  public var algorithm: String
  /// A sentence without its full stop.
  public var reason: String

  /// Shares of success this near to the best are as good.
  static let sameSuccess = 0.000_5
  /// A 99th percentile within this part of the best is as good: a sketch is 4 % off at most.
  static let sameLatency = 1.08
  static let sameFairness = 0.02

  /// Success first, since nothing makes up for a failed request; then the 99th percentile; then
  /// fairness; then the order of the reports, simple ones first. `first` fills servers one after
  /// the other by intent, and a hash ties clients to servers: they are asked for, never
  /// recommended for speed.
  init(_ reports: [SimulationReport], wantsHash: Bool) {
    let eligible = reports.filter { report in
      report.algorithm.hasPrefix("hash") ? wantsHash : !wantsHash && report.algorithm != "first"
    }
    guard let best = eligible.map(\.success).max() else {
      self.init(algorithm: "-", reason: "nothing was compared")
      return
    }
    var left = eligible.filter { best - $0.success <= Self.sameSuccess }
    var reasons = [Self.successReason(best, left.count, of: eligible.count)]
    if left.count > 1, let least = left.map(\.latency.p99).min() {
      let fast = left.filter {
        Double($0.latency.p99.nanoseconds) <= Double(least.nanoseconds) * Self.sameLatency
      }
      if fast.count < left.count {
        reasons.append("of these the lowest p99 (\(least))")
      }
      left = fast
    }
    if left.count > 1, let fairest = left.map(\.fairness).max() {
      let fair = left.filter { fairest - $0.fairness <= Self.sameFairness }
      if fair.count < left.count { reasons.append("of these the most even") }
      left = fair
    }
    if left.count > 1 {
      let names = left.dropFirst().map(\.algorithm).joined(separator: ", ")
      reasons.append("as good, and simpler than \(names)")
    }
    self.init(algorithm: left.first?.algorithm ?? "-", reason: reasons.joined(separator: "; "))
  }

  private init(algorithm: String, reason: String) {
    self.algorithm = algorithm
    self.reason = reason
  }

  private static func successReason(_ best: Double, _ count: Int, of all: Int) -> String {
    let percent = "\((best * 100_000).rounded(.down) / 1_000) %"
    if count == 1 { return "the highest success (\(percent))" }
    return count == all
      ? "all succeed alike (\(percent))" : "among the highest success (\(percent))"
  }
}
