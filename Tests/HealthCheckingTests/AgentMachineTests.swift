import Primitives
import Testing

@testable import HealthChecking

/// An agent that is asked under a virtual clock.
private struct World {
  var machine: AgentMachine
  var now = Instant.zero + .hours(1)
  var random: SeededRandom

  init(_ policy: AgentPolicy = AgentPolicy(), seed: UInt64 = 1) {
    machine = AgentMachine(policy: policy, now: Instant.zero + .hours(1))
    random = SeededRandom(seed: seed)
  }

  mutating func handle(_ event: AgentMachine.Event) {
    machine.handle(event, now: now, random: &random)
  }

  /// The next question, answered after 5 ms; nil is no answer for the whole timeout.
  mutating func ask(_ line: String?) throws {
    now = max(now, try #require(machine.nextQuestion))
    handle(.asked)
    #expect(machine.nextQuestion == nil)
    guard let line else {
      now = now + machine.policy.timeout
      return handle(.failed(detail: "timeout after 1s: no answer"))
    }
    now = now + .milliseconds(5)
    handle(.answered(try AgentReport(line: Array(line.utf8))))
  }
}

struct AgentMachineTests {
  @Test func `what an agent leaves out stays as it was`() throws {
    var world = World()
    #expect(world.machine.state == .unknown)
    try world.ask("50%")
    #expect(world.machine.state == .healthy && world.machine.weight == 50)
    try world.ask("drain")
    #expect(world.machine.isDraining && world.machine.weight == 50)
    try world.ask("down #disk full")
    #expect(world.machine.state == .unhealthy && world.machine.isDraining)
    #expect(world.machine.cause == "its agent says that it is down: disk full")
    try world.ask("100%")
    #expect(world.machine.state == .unhealthy)
    try world.ask("up")
    #expect(world.machine.state == .healthy && world.machine.isDraining)
    try world.ask("ready")
    #expect(!world.machine.isDraining && world.machine.weight == 100)
    try world.ask(#"{"state":"maint"}"#)
    try world.ask(#"{"state":"up"}"#)
    #expect(!world.machine.isDraining)
  }

  @Test(arguments: 0..<50)
  func `an agent that falls silent is found out between two questions`(_ seed: UInt64) throws {
    var world = World(seed: seed)
    for _ in 0..<Int(world.random.below(200) + 1) { try world.ask("up") }
    let last = world.now
    while world.machine.state == .healthy {
      let silent = try #require(world.machine.silentAt)
      if let next = world.machine.nextQuestion, next < silent {
        try world.ask(nil)
      } else {
        world.now = max(world.now, silent)
        world.handle(.checkSilence)
      }
    }
    #expect(world.machine.state == .unhealthy)
    #expect(world.machine.cause.hasPrefix("its agent has been silent for "))
    #expect(world.machine.silentAt == nil)
    #expect((.seconds(3) ... .seconds(7)).contains(world.now - last), "\(world.now - last)")
    #expect(world.machine.firstSign > last && world.machine.firstSign <= world.now)
    try world.ask("up")
    #expect(world.machine.state == .healthy)
  }

  @Test(arguments: 0..<50)
  func `one lost answer in ten is no silence`(_ seed: UInt64) throws {
    var world = World(seed: seed)
    for round in 0..<500 {
      let isLost = world.random.below(10) == 0 && round % 3 != 0
      try world.ask(isLost ? nil : "up")
      if let silent = world.machine.silentAt, world.now >= silent { world.handle(.checkSilence) }
      #expect(world.machine.state != .unhealthy)
    }
  }

  @Test func `an agent that was never heard judges only where nothing else does`() throws {
    var world = World(AgentPolicy(isAlone: false))
    for _ in 0..<10 { try world.ask(nil) }
    #expect(world.machine.state == .unknown)
    world = World(AgentPolicy(fall: 3, isAlone: true))
    for _ in 0..<2 { try world.ask(nil) }
    #expect(world.machine.state == .unknown)
    try world.ask(nil)
    #expect(world.machine.state == .unhealthy)
    #expect(world.machine.cause == "its agent does not answer: timeout after 1s: no answer")
  }

  @Test func `questions follow faster after a failed one`() throws {
    var world = World(AgentPolicy(interval: .seconds(10)))
    try world.ask("up")
    let usual = try #require(world.machine.nextQuestion) - world.now
    #expect((.seconds(8) ... .seconds(11)).contains(usual))
    try world.ask(nil)
    #expect(try #require(world.machine.nextQuestion) - world.now < .milliseconds(600))
  }

  @Test func `what an engine before this one knew holds until the agent speaks`() throws {
    var world = World(AgentPolicy(isAlone: true))
    world.handle(.adopted(.healthy))
    #expect(world.machine.state == .healthy)
    for _ in 0..<3 { try world.ask(nil) }
    #expect(world.machine.state == .unhealthy)
    var beside = World(AgentPolicy(isAlone: false))
    beside.handle(.adopted(.unhealthy))
    #expect(beside.machine.state == .unknown)
  }

  @Test func `another interval begins a new estimate, and the last sign stays`() throws {
    var world = World(AgentPolicy(interval: .milliseconds(500)))
    for _ in 0..<50 { try world.ask("up") }
    let before = try #require(world.machine.silentAt)
    world.handle(.policyChanged(AgentPolicy(interval: .seconds(10))))
    let after = try #require(world.machine.silentAt)
    #expect(after > before + .seconds(9))
    world.handle(.disabled)
    #expect(world.machine.nextQuestion == nil && world.machine.silentAt == nil)
    world.handle(.answered(AgentReport(isUp: false)))
    #expect(world.machine.state == .healthy)
  }

  @Test func `whoever says that a server is unhealthy is believed`() {
    #expect(ServerHealth.combined(checks: .healthy, agent: .unhealthy) == .unhealthy)
    #expect(ServerHealth.combined(checks: .unhealthy, agent: .healthy) == .unhealthy)
    #expect(ServerHealth.combined(checks: .healthy, agent: .unknown) == .healthy)
    #expect(ServerHealth.combined(checks: .unknown, agent: .healthy) == .unknown)
    #expect(ServerHealth.combined(checks: nil, agent: .healthy) == .healthy)
    #expect(ServerHealth.combined(checks: nil, agent: .unknown) == .unknown)
    #expect(ServerHealth.combined(checks: .healthy, agent: nil) == .healthy)
    #expect(ServerHealth.combined(checks: nil, agent: nil) == .healthy)
  }
}
