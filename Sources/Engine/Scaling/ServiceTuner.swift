import Configuration
import Primitives
import Scaling

/// The tuning of one service's weights, and what was measured for its next round.
struct ServiceTuner {
  private struct Usage {
    var cpu = 0.0
    var looks = 0
  }

  private(set) var settings: TuneSettings
  private(set) var tuner: WeightTuner
  private var began: Instant
  /// By `ServerID.index`: the counters at the round's beginning.
  private var before: [Int: TrafficSample.Server] = [:]
  private var usage: [String: Usage] = [:]

  init(_ settings: TuneSettings, now: Instant) {
    self.settings = settings
    tuner = WeightTuner(policy: Self.policy(settings))
    began = now
  }

  private static func policy(_ settings: TuneSettings) -> WeightTuner.Policy {
    .init(least: settings.least, most: settings.most)
  }

  var looksAtReplicas: Bool { settings.by == .cpu }

  mutating func follow(_ settings: TuneSettings) {
    // What was even by one measure says nothing of another.
    if settings.by != self.settings.by { tuner.reset() }
    self.settings = settings
    tuner.policy = Self.policy(settings)
  }

  mutating func reset(now: Instant) {
    tuner.reset()
    (began, before, usage) = (now, [:], [:])
  }

  mutating func used(_ cpu: Double, by server: String) {
    guard settings.by == .cpu else { return }
    usage[server, default: Usage()].cpu += cpu
    usage[server, default: Usage()].looks += 1
  }

  /// A round, when one is due and says enough.
  /// - Parameter servers: those that take part, with their place in the sample.
  /// - Returns: whether a weight changed.
  mutating func look(
    _ servers: [(name: String, index: Int)], _ sample: TrafficSample, now: Instant
  ) -> Bool {
    for (_, index) in servers where before[index] == nil {
      before[index] = sample.servers[index] ?? TrafficSample.Server()
    }
    guard now - began >= settings.interval - .milliseconds(500), servers.count > 1 else {
      return false
    }
    let round = servers.compactMap { name, index in
      measure(name, index, sample).map { WeightTuner.Measure(server: name, value: $0) }
    }
    // Those of few requests take longer for a round, and none is judged by the others' time.
    guard round.count == servers.count else { return false }
    (began, before, usage) = (now, [:], [:])
    return tuner.handle(round)
  }

  private func measure(_ name: String, _ index: Int, _ sample: TrafficSample) -> Double? {
    switch settings.by {
    case .cpu:
      guard let used = usage[name], used.looks > 0 else { return nil }
      // One that does nothing is not infinitely better than one that does a little.
      return max(used.cpu / Double(used.looks), 0.01)
    case .latency:
      guard let first = before[index], let last = sample.servers[index] else { return nil }
      let answers = last.answers &- first.answers
      guard answers >= WeightTuner.leastAnswers else { return nil }
      return Double(last.answerNanoseconds &- first.answerNanoseconds) / Double(answers) / 1e9
    }
  }
}
