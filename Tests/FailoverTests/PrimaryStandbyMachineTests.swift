import Failover
import Primitives
import Testing

/// A machine with its clock, and servers whose state a test sets.
struct StandbyBench {
  var machine: PrimaryStandbyMachine
  var servers: [StandbyServer]
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var actions: [StandbyAction] = []

  init(
    _ names: [String] = ["a", "b", "c"], policy: StandbyPolicy = StandbyPolicy(),
    recalled: StandbyRecord = StandbyRecord(), isAdopting: Bool = false
  ) {
    machine = PrimaryStandbyMachine(
      policy: policy, recalled: recalled, isAdopting: isAdopting, now: now)
    servers = names.map { StandbyServer(name: $0, address: "\($0):1", health: .healthy) }
  }

  mutating func send(_ event: PrimaryStandbyMachine.Event) {
    actions += machine.handle(event, now: now)
  }

  mutating func follow() { send(.servers(servers)) }

  mutating func set(_ name: String, _ health: StandbyServer.Health, isReady: Bool = true) {
    for index in servers.indices where servers[index].name == name {
      servers[index].health = health
      servers[index].isReady = isReady
    }
    follow()
  }

  mutating func hookEnds(_ succeeded: Bool = true) {
    send(.promotionEnded(epoch: machine.record.epoch, succeeded: succeeded, detail: "done"))
  }

  mutating func wait(_ span: TimeSpan) {
    now = now + span
    send(.tick)
  }

  /// The actions since the last time, in short: `-a ?b@2<a !b@2 +b@2`.
  mutating func trace() -> String {
    defer { actions = [] }
    return actions.map { action in
      switch action {
      case .deactivate(let name, _): "-\(name)"
      case .promote(let promotion):
        "?\(promotion.server)@\(promotion.epoch)" + (promotion.from.map { "<\($0)" } ?? "")
      case .tellFailure(let promotion, _, let retryIn):
        "!\(promotion.server)@\(promotion.epoch)" + (retryIn.map { "~\($0)" } ?? "")
      case .activate(let promotion, _, _): "+\(promotion.server)@\(promotion.epoch)"
      }
    }.joined(separator: " ")
  }

  /// With `a` active.
  static func active(_ policy: StandbyPolicy = StandbyPolicy()) -> StandbyBench {
    var bench = StandbyBench(policy: policy)
    bench.follow()
    bench.hookEnds()
    _ = bench.trace()
    return bench
  }
}

@Suite struct PrimaryStandbyMachineTests {
  @Test func `the first healthy one is active after its hook, and not before`() {
    var bench = StandbyBench()
    bench.follow()
    #expect(bench.trace() == "?a@1")
    #expect(bench.machine.active == nil)
    bench.hookEnds()
    #expect(bench.trace() == "+a@1")
    #expect(bench.machine.active == "a")
  }

  @Test func `a beginning waits for the first checks of the preferred one, but not for long`() {
    var bench = StandbyBench()
    bench.set("a", .unknown)
    #expect(bench.trace() == "")
    #expect(bench.machine.nextDeadline == bench.now + StandbyPolicy.firstChecks)
    bench.wait(StandbyPolicy.firstChecks)
    #expect(bench.trace() == "?b@1")
  }

  @Test func `a beginning does not wait for one that failed its checks`() {
    var bench = StandbyBench()
    bench.set("a", .unhealthy)
    #expect(bench.trace() == "?b@1")
  }

  @Test func `the active one that fails takes no requests before the hook of the next one runs`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    #expect(bench.trace() == "-a ?b@2<a")
    #expect(bench.machine.record.active == nil)
    #expect(bench.machine.record.candidate == "b")
    bench.hookEnds()
    #expect(bench.trace() == "+b@2")
    #expect(bench.machine.record.former == "a")
  }

  @Test func `an active one that fails stays while no other is healthy`() {
    var bench = StandbyBench.active()
    for name in ["b", "c", "a"] { bench.set(name, .unhealthy) }
    #expect(bench.trace() == "")
    #expect(bench.machine.active == "a")
    bench.set("a", .healthy)
    #expect(bench.trace() == "")
    bench.set("a", .unhealthy)
    bench.set("c", .healthy)
    #expect(bench.trace() == "-a ?c@2<a")
  }

  @Test func `an active one of which nothing is known stays`() {
    var bench = StandbyBench.active()
    bench.set("a", .unknown)
    #expect(bench.trace() == "")
  }

  @Test func `one that is drained hands over`() {
    var bench = StandbyBench.active()
    bench.set("a", .healthy, isReady: false)
    #expect(bench.trace() == "-a ?b@2<a")
  }

  @Test func `one that is gone, or at another address, is active no more`() {
    var bench = StandbyBench.active()
    bench.servers[0].address = "a:2"
    bench.follow()
    #expect(bench.trace() == "-a ?a@2")
    bench.hookEnds()
    bench.servers.removeFirst()
    bench.follow()
    #expect(bench.trace() == "+a@2 -a ?b@3<a")
  }

  @Test func `a hook that fails activates nobody, and the next candidate is tried`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.hookEnds(false)
    #expect(bench.trace() == "-a ?b@2<a !b@2 ?c@3<a")
    bench.hookEnds()
    #expect(bench.trace() == "+c@3")
  }

  @Test func `when all hooks failed, all are tried again with growing pauses`() {
    var bench = StandbyBench(["a", "b"])
    bench.follow()
    bench.hookEnds(false)
    bench.hookEnds(false)
    #expect(bench.trace() == "?a@1 !a@1 ?b@2 !b@2~1s")
    #expect(bench.machine.isPromoting)
    var pauses: [TimeSpan] = []
    for _ in 0..<8 {
      guard let due = bench.machine.nextDeadline else { break }
      pauses.append(due - bench.now)
      bench.wait(due - bench.now)
      bench.hookEnds(false)
      bench.hookEnds(false)
    }
    #expect(pauses.map(\.seconds) == [1, 2, 4, 8, 16, 32, 60, 60])
  }

  @Test func `one that recovers while the others' hooks fail is tried at once`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.hookEnds(false)
    bench.hookEnds(false)
    _ = bench.trace()
    bench.set("a", .healthy)
    #expect(bench.trace() == "?a@4")
  }

  @Test func `a former active one that comes back while a hook runs changes nothing`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.set("a", .healthy)
    bench.hookEnds()
    #expect(bench.trace() == "-a ?b@2<a +b@2")
    #expect(bench.machine.active == "b")
  }

  @Test func `a hook that succeeds for one that is no longer healthy activates nobody`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.set("b", .unhealthy)
    bench.hookEnds()
    #expect(bench.trace() == "-a ?b@2<a !b@2 ?c@3<a")
  }

  @Test func `the end of another promotion is ignored`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.send(.promotionEnded(epoch: 1, succeeded: true, detail: ""))
    #expect(bench.trace() == "-a ?b@2<a")
    #expect(bench.machine.active == nil)
  }

  // MARK: Switching back

  @Test func `nothing switches back by itself when the policy says never`() {
    var bench = StandbyBench.active()
    bench.set("a", .unhealthy)
    bench.hookEnds()
    bench.set("a", .healthy)
    #expect(bench.machine.nextDeadline == nil)
    bench.wait(.hours(1))
    #expect(bench.trace() == "-a ?b@2<a +b@2")
  }

  @Test func `the preferred one is switched back to when it was well for long enough`() {
    var bench = StandbyBench.active(StandbyPolicy(switchBack: .whenHealthy, after: .seconds(30)))
    bench.set("a", .unhealthy)
    bench.hookEnds()
    bench.set("a", .healthy)
    bench.wait(.seconds(20))
    bench.set("a", .unhealthy)
    bench.set("a", .healthy)
    bench.wait(.seconds(20))
    #expect(bench.trace() == "-a ?b@2<a +b@2")
    #expect(bench.machine.nextDeadline == bench.now + .seconds(10))
    bench.wait(.seconds(10))
    #expect(bench.trace() == "-b ?a@3<b")
    bench.hookEnds()
    #expect(bench.trace() == "+a@3")
  }

  @Test
  func `a switch back that fails returns to who was active, and is not tried again and again`() {
    var bench = StandbyBench.active(StandbyPolicy(switchBack: .whenHealthy, after: .seconds(30)))
    bench.set("a", .unhealthy)
    bench.set("b", .unhealthy)
    bench.hookEnds()
    bench.hookEnds()
    bench.set("b", .unhealthy)
    bench.set("a", .healthy)
    _ = bench.trace()
    bench.wait(.seconds(30))
    bench.hookEnds(false)
    #expect(bench.trace() == "-c ?a@4<c !a@4 ?c@5")
    bench.hookEnds()
    bench.wait(.hours(1))
    #expect(bench.trace() == "+c@5")
    bench.set("a", .unhealthy)
    bench.set("a", .healthy)
    bench.wait(.seconds(30))
    #expect(bench.trace() == "-c ?a@6<c")
  }

  // MARK: Operators

  @Test func `an operator's choice is promoted, and nothing switches back from it`() {
    var bench = StandbyBench.active(StandbyPolicy(switchBack: .whenHealthy, after: .seconds(30)))
    bench.send(.operatorPromotes("c"))
    #expect(bench.trace() == "-a ?c@2<a")
    #expect(bench.machine.refusal(ofPromoting: "b") == .promoting("c"))
    bench.hookEnds()
    bench.wait(.hours(1))
    #expect(bench.trace() == "+c@2")
    #expect(bench.machine.record.isHeld)
  }

  @Test func `when the hook of an operator's choice fails, the former one is asked first`() {
    var bench = StandbyBench.active()
    bench.send(.operatorPromotes("b"))
    bench.hookEnds()
    bench.send(.operatorPromotes("c"))
    bench.hookEnds(false)
    #expect(bench.trace() == "-a ?b@2<a +b@2 -b ?c@3<b !c@3 ?b@4")
    bench.hookEnds()
    #expect(bench.machine.record.isHeld == false)
  }

  @Test func `what cannot be promoted is refused with the reason`() {
    var bench = StandbyBench.active()
    bench.set("b", .unhealthy)
    bench.set("c", .healthy, isReady: false)
    #expect(bench.machine.refusal(ofPromoting: "a") == .alreadyActive)
    #expect(bench.machine.refusal(ofPromoting: "b") == .notHealthy)
    #expect(bench.machine.refusal(ofPromoting: "c") == .notReady)
    #expect(bench.machine.refusal(ofPromoting: "d") == .unknownServer)
    for name in ["a", "b", "c", "d"] { bench.send(.operatorPromotes(name)) }
    #expect(bench.trace() == "")
  }

  // MARK: Another engine

  @Test func `an engine that follows a crashed one keeps the active one without a hook`() {
    let before = StandbyBench.active()
    var bench = StandbyBench(recalled: before.machine.record, isAdopting: true)
    bench.follow()
    #expect(bench.trace() == "")
    #expect(bench.machine.active == "a")
  }

  @Test func `a promotion that a crash cut off is begun again, for the same server`() {
    var before = StandbyBench.active()
    before.set("a", .unhealthy)
    before.hookEnds(false)
    #expect(before.machine.record.candidate == "c")
    var bench = StandbyBench(recalled: before.machine.record, isAdopting: true)
    bench.follow()
    #expect(bench.trace() == "?c@4<a")
  }

  @Test func `a fresh start begins with the one that was active last, and runs its hook`() {
    var before = StandbyBench.active()
    before.set("a", .unhealthy)
    before.hookEnds()
    var bench = StandbyBench(recalled: before.machine.record)
    bench.follow()
    #expect(bench.trace() == "?b@3")
    bench.hookEnds()
    #expect(bench.trace() == "+b@3")
  }
}
