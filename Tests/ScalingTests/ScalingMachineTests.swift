import Primitives
import Scaling
import Testing

@Suite struct ScalingMachineTests {
  /// A machine with the looks that it got, 15 s apart.
  private struct Scene {
    var machine: ScalingMachine
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var count: Int

    init(_ policy: ScalingPolicy, count: Int) {
      machine = ScalingMachine(policy: policy)
      self.count = count
    }

    /// One look; the count becomes what was decided.
    @discardableResult
    mutating func look(
      cpu: [Double?]? = nil, memory: Double? = nil, unready: Int = 0, extra: Int = 0,
      inflight: Double = 1, rate: Double = 1, p95: Double? = nil, traffic: Bool = true,
      minute: Int = 0
    ) -> ScalingDecision {
      now = now + machine.policy.interval
      let ready = max(0, count - unready) + extra
      var replicas = (0..<ready).map { index -> ScalingSample.Replica in
        let share = cpu.map { $0.isEmpty ? nil : $0[min(index, $0.count - 1)] } ?? nil
        return .init(isReady: true, cpu: share, memory: memory)
      }
      replicas += (0..<unready).map { _ in .init(isReady: false) }
      let sample = ScalingSample(
        count: count, replicas: replicas,
        traffic: traffic ? .init(inflight: inflight, requestsPerSecond: rate, p95: p95) : nil,
        minuteOfWeek: minute)
      guard let decision = machine.handle(.sampled(sample), now: now) else {
        Issue.record("a look always decides")
        return ScalingDecision(from: count, to: count, wanted: count, reason: .steady)
      }
      count = decision.to
      return decision
    }
  }

  private func policy(
    _ minimum: Int = 1, _ maximum: Int = 20, _ targets: ScalingTarget...
  ) -> ScalingPolicy {
    ScalingPolicy(minimum: minimum, maximum: maximum, targets: targets)
  }

  @Test func `the number is that of the formula, at once on the way up`() {
    var scene = Scene(policy(1, 20, .init(.cpu, 0.5)), count: 4)
    let decision = scene.look(cpu: [0.8])
    #expect(decision.to == 7)
    #expect(decision.reason == .cpu)
    #expect(decision.sentence == "4 → 7: cpu 80 % a replica, target 50 %")
  }

  @Test(arguments: [(0.54, 4), (0.56, 5), (0.46, 4)])
  func `within the tolerance nothing changes`(_ cpu: Double, _ count: Int) {
    var scene = Scene(policy(1, 20, .init(.cpu, 0.5)), count: 4)
    #expect(scene.look(cpu: [cpu]).to == count)
  }

  @Test func `the signal that asks for the most is heard`() {
    var scene = Scene(
      policy(1, 20, .init(.cpu, 0.5), .init(.inflight, 10), .init(.requestsPerSecond, 100)),
      count: 3)
    let decision = scene.look(cpu: [0.5], inflight: 52, rate: 420)
    #expect(decision.to == 6)
    #expect(decision.reason == .inflight)
    #expect(decision.votes.map(\.replicas) == [3, 6, 5])
  }

  @Test func `in fifteen seconds at most double or four more`() {
    var scene = Scene(policy(1, 100, .init(.inflight, 1)), count: 2)
    #expect((0..<5).map { _ in scene.look(inflight: 90).to } == [6, 12, 24, 48, 90])
  }

  @Test func `on the way down the highest of five minutes holds`() {
    var scene = Scene(policy(1, 20, .init(.inflight, 10)), count: 8)
    // The number that a machine finds may have been needed.
    var looks = 0
    while scene.look(inflight: 28).to == 8, looks < 100 { looks += 1 }
    #expect(looks == 20)
    #expect(scene.count == 3)
  }

  @Test func `a number that only just does is not gone down to`() {
    var quick = policy(1, 20, .init(.inflight, 10))
    quick.down.window = .zero
    var scene = Scene(quick, count: 11)
    scene.look(inflight: 1_000)
    scene.count = 11
    // Ten would be at 96 % of their target, and at 94 %.
    #expect(scene.look(inflight: 96).to == 11)
    #expect(scene.look(inflight: 94).to == 10)
  }

  @Test func `one busy look within the window keeps the replicas`() {
    var scene = Scene(policy(1, 20, .init(.inflight, 10)), count: 4)
    for _ in 0..<18 { scene.look(inflight: 12) }
    scene.look(inflight: 40)
    var decision = scene.look(inflight: 12)
    for _ in 0..<18 { decision = scene.look(inflight: 12) }
    #expect(decision.to == 4)
    #expect(decision.reason == .window)
    for _ in 0..<3 { scene.look(inflight: 12) }
    #expect(scene.count == 2)
  }

  @Test func `a window on the way up waits for a demand that lasts`() {
    var careful = policy(1, 20, .init(.inflight, 10))
    careful.up.window = .seconds(30)
    var scene = Scene(careful, count: 2)
    scene.look(inflight: 20)
    #expect(scene.look(inflight: 60).reason == .window)
    #expect(scene.look(inflight: 60).to == 2)
    #expect(scene.look(inflight: 60).to == 6)
  }

  @Test func `the way down has a pace of its own`() {
    var slow = policy(1, 50, .init(.inflight, 10))
    slow.down = .init(window: .zero, share: 0.1, replicas: 2, per: .seconds(15))
    var scene = Scene(slow, count: 40)
    #expect((0..<4).map { _ in scene.look(inflight: 10).to } == [36, 32, 28, 25])
    scene.count = 10
    #expect(scene.look(inflight: 10).to == 8)
  }

  @Test func `replicas that are not ready use nothing when more are asked for`() {
    var scene = Scene(policy(1, 20, .init(.cpu, 0.5)), count: 2)
    #expect(scene.look(cpu: [1.0]).to == 4)
    // Two of the four start still: the other two are as busy as before, and that is no news.
    #expect(scene.look(cpu: [1.0], unready: 2).to == 4)
    #expect(scene.look(cpu: [0.5]).to == 4)
  }

  @Test func `replicas that are not ready keep their share when fewer are asked for`() {
    var quick = policy(1, 20, .init(.cpu, 0.5))
    quick.down.window = .zero
    var scene = Scene(quick, count: 10)
    // Nine use 0.9 of a core together, which two could do; the tenth may be as busy as its target.
    #expect(scene.look(cpu: [0.1], unready: 1).to == 3)
  }

  @Test func `what a deployment runs beside the wanted ones does work, and is not counted`() {
    var scene = Scene(policy(1, 20, .init(.cpu, 0.5)), count: 4)
    // Five share the work of four.
    #expect(scene.look(cpu: [0.4], extra: 1).to == 4)
    #expect(scene.look(cpu: [0.56], extra: 1).to == 6)
  }

  @Test func `memory of extra replicas asks for nothing`() {
    var scene = Scene(policy(1, 20, .init(.memory, 0.5)), count: 4)
    #expect(scene.look(memory: 0.5, extra: 4).to == 4)
    #expect(scene.look(memory: 0.8, extra: 0).to == 7)
  }

  @Test func `missing data takes nothing away`() {
    var quick = policy(1, 20, .init(.cpu, 0.5), .init(.inflight, 10))
    quick.down.window = .zero
    var scene = Scene(quick, count: 5)
    var decision = scene.look(cpu: [nil], inflight: 10)
    #expect(decision.to == 5)
    #expect(decision.reason == .missingData)
    #expect(decision.sentence == "stays at 5: what is not measured takes nothing away (cpu)")
    // But it does not keep others from asking for more.
    #expect(scene.look(cpu: [nil], inflight: 80).to == 8)
    decision = scene.look(cpu: [0.1], traffic: false)
    #expect(decision.to == 8)
    #expect(decision.reason == .missingData)
    // Three of four were not measured: they count with their target.
    scene.count = 4
    #expect(scene.look(cpu: [0.1, nil, nil, nil], inflight: 1).to == 4)
  }

  @Test func `more than there may be is said`() {
    var scene = Scene(policy(1, 5, .init(.inflight, 10)), count: 4)
    var decision = scene.look(inflight: 120)
    #expect(decision.to == 5)
    #expect(decision.isSaturated)
    #expect(
      decision.sentence
        == "4 → 5: inflight 30 a replica, target 10; 12 are wanted, 5 are the most")
    decision = scene.look(inflight: 120)
    #expect(decision.reason == .maximum)
    #expect(decision.isSaturated)
    #expect(!scene.look(inflight: 50).isSaturated)
  }

  @Test func `the schedule is a minimum at its times`() {
    var timed = policy(1, 20, .init(.inflight, 10))
    timed.schedule = [.init(days: [0, 1, 2, 3, 4], begin: 480, end: 1_200, minimum: 6)]
    var scene = Scene(timed, count: 2)
    #expect(scene.look(inflight: 10, minute: 479).to == 2)
    let decision = scene.look(inflight: 10, minute: 480)
    #expect(decision.to == 6)
    #expect(decision.reason == .schedule)
    #expect(scene.look(inflight: 80, minute: 481).to == 8)
    // Saturday.
    for _ in 0..<30 { scene.look(inflight: 9, minute: 5 * 1_440 + 600) }
    #expect(scene.count == 1)
  }

  @Test func `with nothing but a schedule it is all there is to say`() {
    var timed = policy(2, 20)
    timed.schedule = [.init(days: [6], begin: 1_320, end: 120, minimum: 5)]
    timed.down.window = .zero
    var scene = Scene(timed, count: 2)
    // From Sunday 22:00 to Monday 02:00.
    #expect(scene.look(minute: 6 * 1_440 + 1_320).to == 5)
    #expect(scene.look(minute: 119).to == 5)
    #expect(scene.look(minute: 120).to == 2)
  }

  @Test func `an idle service rests, and a request wakes it`() {
    var scene = Scene(policy(0, 5, .init(.inflight, 10)), count: 3)
    var looks = 0
    while scene.look(inflight: 0, rate: 0).to > 0, looks < 100 { looks += 1 }
    #expect(looks == 20)
    #expect(scene.look(inflight: 0, rate: 0).to == 0)
    #expect(scene.look(traffic: false).to == 0)
    let decision = scene.machine.handle(.requested(count: 0), now: scene.now)
    #expect(decision?.to == 1)
    #expect(decision?.sentence == "0 → 1: a request waits")
    #expect(scene.machine.handle(.requested(count: 1), now: scene.now) == nil)
    scene.count = 1
    #expect(scene.look(inflight: 0, rate: 0).to == 1)
  }

  @Test func `a single request keeps one replica`() {
    var scene = Scene(policy(0, 5, .init(.cpu, 0.5)), count: 1)
    for look in 0..<60 { scene.look(cpu: [0], inflight: 0, rate: look % 15 == 0 ? 0.1 : 0) }
    #expect(scene.count == 1)
  }

  @Test func `an order for more is a minimum for the length of the window`() {
    var scene = Scene(policy(1, 10, .init(.inflight, 10)), count: 2)
    #expect(scene.machine.handle(.ordered(6, count: 2), now: scene.now)?.to == 6)
    scene.count = 6
    for _ in 0..<19 { #expect(scene.look(inflight: 18).to == 6) }
    #expect(scene.look(inflight: 80).to == 8)
    for _ in 0..<25 { scene.look(inflight: 18) }
    #expect(scene.count == 2)
  }

  @Test func `an order for fewer holds whatever the load, for the length of the window`() {
    var scene = Scene(policy(1, 10, .init(.inflight, 10)), count: 6)
    #expect(scene.machine.handle(.ordered(2, count: 6), now: scene.now)?.to == 2)
    scene.count = 2
    for _ in 0..<19 {
      let decision = scene.look(inflight: 60)
      #expect(decision.to == 2)
      #expect(decision.reason == .order)
    }
    #expect(scene.look(inflight: 60).to == 6)
  }

  @Test func `an order outside of the bounds is refused`() {
    let machine = ScalingMachine(policy: policy(2, 10))
    #expect(machine.refusal(ofOrdering: 2) == nil)
    #expect(machine.refusal(ofOrdering: 10) == nil)
    #expect(
      machine.refusal(ofOrdering: 11)
        == "its autoscaler keeps 2 to 10 replicas: change `scale.max`, or order a number within")
    #expect(
      machine.refusal(ofOrdering: 1)
        == "its autoscaler keeps 2 to 10 replicas: change `scale.min`, or order a number within")
  }

  @Test func `other bounds hold at once`() {
    var machine = ScalingMachine(policy: policy(1, 10, .init(.cpu, 0.5)))
    #expect(machine.handle(.policyChanged(policy(3, 10), count: 2), now: .zero)?.to == 3)
    #expect(machine.handle(.policyChanged(policy(1, 4), count: 8), now: .zero)?.to == 4)
    #expect(machine.handle(.policyChanged(policy(1, 4), count: 3), now: .zero) == nil)
  }

  // MARK: Latency

  @Test func `latency asks for half as many again at most, and waits for what it got`() {
    var scene = Scene(policy(1, 40, .init(.p95, 0.3)), count: 4)
    #expect(scene.look(rate: 100, p95: 3).to == 4)
    #expect(scene.look(rate: 100, p95: 3).to == 6)
    #expect(scene.look(unready: 2, rate: 100, p95: 3).to == 6)
    #expect(scene.look(rate: 100, p95: 3).to == 6)
    #expect(scene.look(rate: 100, p95: 1).to == 9)
  }

  @Test func `latency gives up where replicas do not help`() {
    var scene = Scene(policy(1, 1_000, .init(.p95, 0.3)), count: 4)
    for _ in 0..<40 { scene.look(rate: 100, p95: 3) }
    let count = scene.count
    #expect(count < 25)
    for _ in 0..<40 { scene.look(rate: 100, p95: 3) }
    #expect(scene.count == count)
  }

  @Test func `latency alone takes one replica at a time, and never one that was needed`() {
    var quick = policy(1, 40, .init(.p95, 0.3))
    quick.down.window = .seconds(30)
    var scene = Scene(quick, count: 4)
    // At 25 a second each the target is missed.
    for _ in 0..<2 { scene.look(rate: 100, p95: 0.6) }
    #expect(scene.count == 6)
    for _ in 0..<60 { scene.look(rate: 100, p95: 0.1) }
    // Five have 20 each, four would have 25.
    #expect(scene.count == 5)
    // With half of the load, three have 17.
    for _ in 0..<60 { scene.look(rate: 50, p95: 0.1) }
    #expect(scene.count == 3)
  }

  @Test func `beside other signals latency asks for more only`() {
    var quick = policy(1, 40, .init(.cpu, 0.5), .init(.p95, 0.3))
    quick.down.window = .zero
    var scene = Scene(quick, count: 4)
    let decision = scene.look(cpu: [0.1], rate: 10, p95: 0.2)
    #expect(decision.to == 1)
    #expect(decision.votes.last?.ballot == .abstains)
  }

  @Test func `numbers from outside never trap`() {
    var scene = Scene(
      policy(1, 20, .init(.cpu, 0.5), .init(.inflight, 1e-3), .init(.p95, 1e-3)), count: 2)
    for value in [Double.infinity, -.infinity, .nan, 1e300, -1e300] {
      let decision = scene.look(
        cpu: [value], memory: value, inflight: value, rate: value, p95: value)
      #expect((1...20).contains(decision.to))
      #expect(!decision.sentence.isEmpty)
    }
  }
}
