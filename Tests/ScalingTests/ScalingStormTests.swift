import Primitives
import Scaling
import Testing

/// Random policies, loads, orders and gaps; what must always hold.
@Suite struct ScalingStormTests {
  @Test(arguments: (1...200).map { UInt64($0) })
  func `whatever comes, bounds, pace and missing data are heeded`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let policy = policy(&random)
    var machine = ScalingMachine(policy: policy)
    var now = Instant(nanoseconds: 1 << 50)
    var count = policy.minimum + random.below(policy.maximum - policy.minimum + 1)
    for _ in 0..<300 {
      now = now + policy.interval
      if random.below(40) == 0 {
        let wanted = policy.minimum + random.below(policy.maximum - policy.minimum + 1)
        count = machine.handle(.ordered(wanted, count: count), now: now)?.to ?? count
        #expect(count == wanted)
        continue
      }
      if count == 0, random.below(3) == 0 {
        count = machine.handle(.requested(count: 0), now: now)?.to ?? count
        #expect(count >= 1)
        continue
      }
      let sample = sample(count, &random)
      guard let decision = machine.handle(.sampled(sample), now: now) else {
        Issue.record("a look always decides")
        return
      }
      #expect(decision.from == count)
      #expect((policy.minimum...policy.maximum).contains(decision.to))
      #expect(!decision.sentence.isEmpty)
      let isMissing = decision.votes.contains { $0.ballot == .missing }
      if isMissing, count <= policy.maximum, decision.reason != .order, decision.reason != .idle {
        #expect(decision.to >= count, "seed \(seed): \(decision.sentence)")
      }
      if decision.reason != .schedule, decision.reason != .request, decision.reason != .order {
        #expect(decision.to <= max(count * 2, count + 4), "seed \(seed): \(decision.sentence)")
      }
      count = decision.to
    }
  }

  private func policy(_ random: inout SeededRandom) -> ScalingPolicy {
    let minimum = random.below(4)
    var targets: [ScalingTarget] = []
    for signal in ScalingSignal.allCases where random.below(2) == 0 {
      switch signal {
      case .cpu, .memory: targets.append(.init(signal, 0.1 + random.fraction()))
      case .inflight, .requestsPerSecond:
        targets.append(.init(signal, 0.1 + 50 * random.fraction()))
      case .p95: targets.append(.init(signal, 0.01 + random.fraction()))
      }
    }
    var policy = ScalingPolicy(
      minimum: minimum, maximum: minimum + 1 + random.below(40), targets: targets)
    if random.below(3) == 0 {
      policy.schedule = [
        .init(
          days: [random.below(7), random.below(7)], begin: random.below(1_440),
          end: random.below(1_441), minimum: random.below(policy.maximum + 1))
      ]
    }
    policy.down.window = .seconds(Int64(random.below(600)))
    policy.up.window = .seconds(Int64(random.below(2) * random.below(60)))
    policy.idle = .seconds(Int64(1 + random.below(300)))
    return policy
  }

  private func sample(_ count: Int, _ random: inout SeededRandom) -> ScalingSample {
    let replicas = (0..<(count + random.below(2))).map { _ -> ScalingSample.Replica in
      let isKnown = random.below(10) > 0
      return .init(
        isReady: random.below(10) > 0, cpu: isKnown ? random.fraction() * 1.5 : nil,
        memory: isKnown ? random.fraction() : nil)
    }
    let isIdle = random.below(3) == 0
    let traffic = ScalingSample.Traffic(
      inflight: isIdle ? 0 : 200 * random.fraction(),
      requestsPerSecond: isIdle ? 0 : 1_000 * random.fraction(),
      p95: isIdle ? nil : random.pareto(shape: 1.5))
    return ScalingSample(
      count: count, replicas: replicas, traffic: random.below(12) == 0 ? nil : traffic,
      minuteOfWeek: random.below(10_080))
  }
}
