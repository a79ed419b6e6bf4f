import Deployment
import Primitives
import Testing

/// What goes wrong in the middle, one thing each.
@Suite struct DeploymentFaultTests {
  private func plan(_ strategy: DeploymentPlan.Strategy) -> DeploymentPlan {
    var plan = DeploymentPlan()
    plan.strategy = strategy
    plan.healthyFor = .seconds(2)
    plan.deadline = .seconds(60)
    plan.stepTime = .seconds(20)
    plan.keepOld = .seconds(20)
    return plan
  }

  private func errors() -> GateSample {
    GateSample(
      new: GroupTraffic(requests: 1_000, failures: 100),
      old: GroupTraffic(requests: 1_000, failures: 0))
  }

  @Test func `an engine that restarts while a rolling one goes back keeps the floor`() {
    let world = DeploymentWorld.settled(6, plan(.rolling))
    world.configure("v2")
    while world.ready(of: "v1") > 1 { world.advance(.milliseconds(100)) }
    world.send(.measured(errors()))
    world.restartEngine()
    world.advance(.minutes(10))
    #expect(world.broken.isEmpty, "\(world.log.joined(separator: "\n"))")
  }

  @Test func `one old replica that does not come back does not make the bad revision win`() {
    let world = DeploymentWorld.settled(6, plan(.blueGreen))
    world.configure("v2")
    world.advance(.seconds(10))
    // One of the old ones has begun to hang for good.
    world.processes["shop-1"]?.isReady = false
    world.send(.health(name: "shop-1", isHealthy: false))
    world.send(.measured(errors()))
    for _ in 0..<400 {
      world.advance(.milliseconds(250))
      // It ends again and again, as its disk is full.
      if let name = world.processes.first(where: { $0.value.revision == "v1" && !$0.value.isReady }
      )?.key {
        world.kill(name)
      }
    }
    #expect(world.ready(of: "v1") >= 5, "\(world.log.joined(separator: "\n"))")
    #expect(world.machine.state.current == "v1")
  }

  @Test(arguments: [DeploymentPlan.Strategy.blueGreen, .canary])
  func `new ones that stop to answer in the last step end it`(strategy: DeploymentPlan.Strategy) {
    var plan = plan(strategy)
    plan.steps = [1]
    plan.keepOld = .seconds(40)
    plan.stepTime = .seconds(40)
    var policy = ReplicaPolicy()
    policy.hung = .hours(9)
    let world = DeploymentWorld(count: 3, plan: plan, policy: policy)
    world.advance(.minutes(1))
    world.configure("stall2")
    world.advance(.minutes(60))
    #expect(world.machine.state.deployment == nil, "\(world.log.joined(separator: "\n"))")
  }

  @Test func `promote in a rolling one says nothing about a failure that comes later`() {
    var plan = plan(.rolling)
    plan.rollsBack = false
    let world = DeploymentWorld.settled(4, plan)
    world.configure("v2")
    world.send(.promote)
    world.advance(.seconds(4))
    world.send(.measured(errors()))
    world.advance(.milliseconds(10))
    #expect(
      world.machine.state.deployment?.phase == .paused, "\(world.log.joined(separator: "\n"))")
  }

  @Test func `an abort while the old ones leave shifts back only when they are there`() {
    let world = DeploymentWorld.settled(6, plan(.blueGreen))
    world.configure("v2")
    while world.machine.state.deployment?.phase != .finishing { world.advance(.milliseconds(100)) }
    world.advance(.seconds(1))
    world.stagger = .milliseconds(300)
    world.send(.abort(reason: "by hand"))
    var worst = Int.max
    for _ in 0..<100 {
      world.advance(.milliseconds(50))
      guard let shift = world.machine.shift, shift.share == 0, world.ready(of: "v1") > 0 else {
        continue
      }
      worst = min(worst, world.ready(of: "v1"))
    }
    #expect(worst >= 6, "\(worst) old ones have all requests\n\(world.log.joined(separator: "\n"))")
  }

  @Test(arguments: DeploymentPlan.Strategy.allCases)
  func `a service that comes back while its last replicas leave`(strategy: DeploymentPlan.Strategy)
  {
    let world = DeploymentWorld.settled(3, plan(strategy))
    world.isFloorless = true
    world.send(.removed)
    world.advance(.milliseconds(100))
    world.configure("v2")
    world.advance(.minutes(5))
    #expect(world.broken.isEmpty, "\(world.log.joined(separator: "\n"))")
    #expect(world.ready(of: "v2") == 3)
  }

  @Test(arguments: [DeploymentPlan.Strategy.blueGreen, .canary])
  func `a revision that never worked is replaced at once`(strategy: DeploymentPlan.Strategy) {
    let world = DeploymentWorld("crash1", count: 3, plan: plan(strategy))
    world.isFloorless = true
    world.advance(.seconds(5))
    world.configure("v2")
    world.advance(.seconds(10))
    #expect(world.ready(of: "v2") == 3, "\(world.log.joined(separator: "\n"))")
    #expect(!world.processes.values.contains { $0.revision == "crash1" && !$0.isLeaving })
    #expect((world.machine.shift?.share ?? 1) == 1)
  }

  @Test func `new ones that flap do not put off the deadline for ever`() {
    var plan = plan(.rolling)
    plan.healthyFor = .seconds(1)
    let world = DeploymentWorld.settled(3, plan)
    world.configure("v2")
    for _ in 0..<200 {
      world.advance(.seconds(4))
      for (name, process) in world.processes.sorted(by: { $0.key < $1.key })
      where process.revision == "v2" && !process.isLeaving {
        world.processes[name]?.isReady.toggle()
        world.send(.health(name: name, isHealthy: !process.isReady))
      }
    }
    #expect(
      world.machine.state.deployment == nil, "\(world.log.suffix(40).joined(separator: "\n"))")
  }

  @Test func `one slow request in a hundred decides nothing, and a share without end is a number`()
  {
    var gate = GatePolicy()
    let slow = GateSample(
      new: GroupTraffic(requests: 100, p50: .milliseconds(2), p99: .milliseconds(80)),
      old: GroupTraffic(requests: 10_000, p50: .milliseconds(2), p99: .milliseconds(9)))
    #expect(gate.verdict(slow) == .passed)
    gate.saturation = 0.9
    let full = GateSample(
      new: GroupTraffic(requests: 1_000, saturation: .infinity), old: GroupTraffic(requests: 1_000))
    #expect(gate.verdict(full) == .failed("it is 10000 % full, the limit is 90 %"))
  }

  @Test func `deployments that work never fall under the floor and end`() {
    for strategy in DeploymentPlan.Strategy.allCases {
      let world = DeploymentWorld.settled(10, plan(strategy))
      world.configure("v2")
      world.advance(.minutes(20))
      #expect(world.broken.isEmpty && world.ready(of: "v2") == 10 && world.fewestReady >= 10)
      #expect(world.results == [.succeeded])
    }
  }

  /// As a file that somebody else wrote may have them.
  private func hostile(_ state: DeploymentState, _ number: Int) -> DeploymentState {
    var state = state
    state.deployment?.step = number
    state.deployment?.share = Double(number) * 1e300
    state.deployment?.oldQuota = number
    state.deployment?.newQuota = number
    state.deployment?.request.plan.gate.saturation = Double(number) * 1e280
    return state
  }

  @Test(
    arguments: [Int.min, -1, Int.max],
    [DeploymentPlan.Strategy.rolling, .blueGreen, .canary])
  func `numbers of a kept state that can't be are cut to what can`(
    number: Int, strategy: DeploymentPlan.Strategy
  ) throws {
    for isGoingBack in [false, true] {
      let world = DeploymentWorld.settled(3, plan(strategy))
      world.configure("v2")
      world.advance(.seconds(1))
      if isGoingBack { world.send(.abort(reason: "by order")) }
      let kept = hostile(world.machine.state, number)
      #expect(kept.deployment != nil)
      var machine = DeploymentMachine(service: "shop")
      _ = machine.handle(.restored(kept), now: world.now)
      let deployment = try #require(machine.state.deployment)
      #expect((0..<4).contains(deployment.step) && (0...1).contains(deployment.share ?? 0))
      #expect((0...ReplicaPolicy.mostReplicas).contains(deployment.oldQuota))
      #expect((0...ReplicaPolicy.mostReplicas).contains(deployment.newQuota))
      _ = machine.handle(
        .configured(revision: "v2", count: 3, plan: plan(strategy)), now: world.now)
      var full = GroupTraffic(requests: 1_000)
      full.saturation = 2
      _ = machine.handle(
        .measured(GateSample(new: full, old: GroupTraffic(requests: 1_000))), now: world.now)
      _ = machine.handle(.tick, now: world.now + .hours(1))
      #expect(machine.count == 3)
    }
  }
}
