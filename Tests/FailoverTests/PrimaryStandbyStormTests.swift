import Failover
import Primitives
import Testing

/// Servers that come, fail and recover, hooks that fail or take their time, engines that end in the
/// midst of it, and a driver that carries out one action after the other.
struct StandbyStorm {
  var random: SeededRandom
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var servers: [StandbyServer]
  var policy: StandbyPolicy
  var machine: PrimaryStandbyMachine
  /// The record that the disk has.
  var saved = StandbyRecord()
  /// Whom the workers send requests to.
  var served: String?
  var queue: [StandbyAction] = []
  var hook: (promotion: StandbyPromotion, ends: Instant)?
  var hooksSucceed = 0.7
  var highestEpoch: UInt64 = 0
  /// The server whose hook was the last to begin, and whether it succeeded.
  var latestHook: (server: String, succeeded: Bool)?
  var promotions = 0
  var problems: [String] = []

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    let count = 1 + random.below(4)
    servers = (0..<count).map {
      StandbyServer(name: "s\($0)", address: "s\($0):0", health: .unknown)
    }
    policy = StandbyPolicy(
      switchBack: random.below(2) == 0 ? .never : .whenHealthy, after: .seconds(5))
    machine = PrimaryStandbyMachine(policy: policy, now: now)
  }

  mutating func send(_ event: PrimaryStandbyMachine.Event) {
    queue += machine.handle(event, now: now)
    if machine.active != nil, machine.candidate != nil { problems.append("two at once") }
  }

  /// The driver's turn: one action to its end, if nothing is under way.
  mutating func drive() {
    if let under = hook {
      guard under.ends <= now else { return }
      hook = nil
      let succeeded = random.fraction() < hooksSucceed
      latestHook = (under.promotion.server, succeeded)
      send(.promotionEnded(epoch: under.promotion.epoch, succeeded: succeeded, detail: "x"))
    }
    guard hook == nil, !queue.isEmpty else { return }
    switch queue.removeFirst() {
    case .deactivate(let name, _):
      if served != nil, served != name { problems.append("deactivated \(name), not \(served!)") }
      served = nil
    case .promote(let promotion):
      if let served { problems.append("a hook runs while \(served) is active") }
      if promotion.epoch <= highestEpoch { problems.append("epoch \(promotion.epoch) twice") }
      if promotion.from == promotion.server { problems.append("fences the one it promotes") }
      highestEpoch = promotion.epoch
      saved = machine.record
      latestHook = nil
      promotions += 1
      hook = (promotion, now + .milliseconds(Int64(random.below(3_000))))
    case .tellFailure: break
    case .activate(let promotion, _, _):
      if let served { problems.append("\(promotion.server) is active beside \(served)") }
      if latestHook?.server != promotion.server || latestHook?.succeeded != true {
        problems.append("\(promotion.server) is active without its hook")
      }
      saved = machine.record
      served = promotion.server
    }
  }

  /// The engine ends; workers begin with what the next one knows.
  mutating func crash(isAdopting: Bool) {
    queue = []
    hook = nil
    machine = PrimaryStandbyMachine(
      policy: policy, recalled: saved, isAdopting: isAdopting, now: now)
    let before = served
    served = machine.active
    if let served, served != before, latestHook?.server != served {
      problems.append("\(served) is active after a crash, and was not before")
    }
    send(.servers(servers))
  }

  mutating func disturb() {
    let index = random.below(servers.count)
    switch random.below(100) {
    case 0..<40: servers[index].health = [.healthy, .unhealthy, .unknown][random.below(3)]
    case 40..<60: servers[index].health = .healthy
    case 60..<66: servers[index].isReady.toggle()
    case 66..<69: servers[index].address += "x"
    case 69..<72 where servers.count > 1: servers.remove(at: index)
    case 72..<75 where servers.count < 5:
      let name = "n\(random.below(1_000_000))"
      servers.insert(StandbyServer(name: name, address: "\(name):1", health: .unknown), at: index)
    case 75..<80: send(.operatorPromotes(servers[index].name))
    case 80..<84: crash(isAdopting: random.below(4) > 0)
    default: break
    }
    send(.servers(servers))
  }

  mutating func step(_ span: TimeSpan) {
    now = now + span
    if let due = machine.nextDeadline, due <= now { send(.tick) }
    drive()
  }
}

@Suite struct PrimaryStandbyStormTests {
  @Test(arguments: UInt64(0)..<400)
  func `whatever happens, at most one is active, and one is soon when one can be`(seed: UInt64) {
    var storm = StandbyStorm(seed: seed)
    for _ in 0..<600 {
      if storm.random.below(3) == 0 { storm.disturb() }
      storm.step(.milliseconds(Int64(storm.random.below(2_000))))
    }
    // Calm: hooks succeed, and somebody is well.
    storm.hooksSucceed = 1
    storm.servers[0].health = .healthy
    storm.servers[0].isReady = true
    storm.send(.servers(storm.servers))
    let calm = storm.now
    func isDone() -> Bool {
      storm.queue.isEmpty && storm.hook == nil && storm.served != nil
        && storm.servers.contains { $0.name == storm.served && $0.health != .unhealthy }
    }
    while !isDone(), storm.now - calm < .minutes(5) { storm.step(.milliseconds(100)) }
    // The longest pause, and a hook of those that began before; an active one of which nothing is
    // known stays.
    let bound = StandbyPolicy.longestBackoff + .seconds(15)
    #expect(storm.now - calm <= bound, "seed \(seed)")
    #expect(storm.served == storm.machine.active, "seed \(seed)")
    #expect(storm.problems == [], "seed \(seed)")
    #expect(storm.promotions > 0, "seed \(seed)")
  }

  @Test func `with hooks that succeed, a failure costs one promotion`() {
    for seed in UInt64(0)..<50 {
      var bench = StandbyBench(["a", "b", "c", "d"])
      var random = SeededRandom(seed: seed)
      bench.follow()
      bench.hookEnds()
      for epoch in UInt64(2)...40 {
        guard let active = bench.machine.active else { break }
        bench.set(active, .unhealthy)
        bench.hookEnds()
        #expect(bench.machine.record.epoch == epoch)
        if random.below(2) == 0 { bench.set(active, .healthy) }
        if bench.servers.count(where: { $0.isFit }) < 2 { bench.set(active, .healthy) }
      }
    }
  }
}
