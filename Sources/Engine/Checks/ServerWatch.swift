import Configuration
import EventLoop
import Faults
import HealthChecking
import Primitives

/// What is known of one server's health: by its checks, by its agent, and so altogether.
final class ServerWatch {
  struct LastCheck: Sendable {
    var at: WallTime
    var result: CheckResult
    var duration: TimeSpan
  }

  /// What a watch tells; all are called on the loop.
  struct Listener {
    var changed: (ServerWatch, HealthChange) -> Void = { _, _ in }
    /// The agent asks for another weight, or for no new work, or for it again.
    var agentChanged: (ServerWatch) -> Void = { _ in }
    /// The agent told the shares of CPU and memory that are in use, 0 … 1.
    var measured: (ServerName, _ cpu: Double?, _ memory: Double?) -> Void = { _, _, _ in }
  }

  let name: ServerName
  let address: SocketAddress
  private(set) var state: HealthState
  private(set) var passed: UInt64 = 0
  private(set) var failed: UInt64 = 0
  /// What the agent says; nil leaves the weight as it is configured.
  private(set) var agentWeight: Int?
  private(set) var agentDrains = false

  private let maker: CheckMaker
  private let listener: () -> Listener
  private let grace: TimeSpan
  private var seeds: SeededRandom
  private var checks: CheckCycle?
  private var agent: AgentCycle?
  private var latestOfChecks: LastCheck?
  private var latestOfAgent: LastCheck?

  /// Starts nothing; `follow` does.
  init(
    _ name: ServerName, at address: SocketAddress, grace: TimeSpan, by maker: CheckMaker,
    seed: UInt64, telling listener: @escaping () -> Listener
  ) {
    self.name = name
    self.address = address
    self.grace = grace
    self.maker = maker
    self.listener = listener
    seeds = SeededRandom(seed: seed)
    state = .unknown
  }

  /// The agent's when there are no checks, or when it is the agent that finds fault.
  var lastCheck: LastCheck? {
    guard checks != nil else { return latestOfAgent }
    let isAgents = agent?.machine.state == .unhealthy && checks?.machine.state != .unhealthy
    return isAgents ? latestOfAgent : latestOfChecks
  }

  /// Checks in this way from the next check on.
  /// - Parameter known: what the engine before this one thought of it.
  func follow(_ plan: WatchPlan, adopting known: HealthState? = nil) {
    if let known { state = known }
    followChecks(plan, known)
    followAgent(plan, known)
  }

  func stop() {
    checks?.stop()
    agent?.stop()
    (checks, agent) = (nil, nil)
  }

  /// A request met a connect failure or a reset.
  func trafficFailed() { checks?.handle(.trafficFailed) }

  private func followChecks(_ plan: WatchPlan, _ known: HealthState?) {
    guard plan.target.check != .none else {
      checks?.stop()
      checks = nil
      return
    }
    if let checks {
      checks.target = plan.target
      if plan.policy != checks.machine.policy { checks.handle(.policyChanged(plan.policy)) }
      return
    }
    let cycle = CheckCycle(
      plan.target, policy: plan.policy, grace: grace, by: maker, seed: seeds.next(),
      ended: { [self] in latestOfChecks = count($0, $1) },
      changed: { [self] in combine(cause: $0.cause, firstSign: $0.firstSign) })
    checks = cycle
    cycle.run(adopting: known ?? formerState)
  }

  private func followAgent(_ plan: WatchPlan, _ known: HealthState?) {
    if agent?.address != plan.agent?.address {
      agent?.stop()
      agent = nil
    }
    guard let wanted = plan.agent else { return heedAgent() }
    if let agent { return agent.handle(.policyChanged(wanted.policy)) }
    let cycle = AgentCycle(
      at: wanted.address, policy: wanted.policy, by: maker, seed: seeds.next(),
      ended: { [self] in latestOfAgent = count($0, $1) },
      reported: { [self] report in
        guard report.cpu != nil || report.memory != nil else { return }
        listener().measured(name, report.cpu, report.memory)
      }, changed: { [self] in heedAgent() })
    agent = cycle
    cycle.run(adopting: known ?? formerState)
  }

  /// What was known before a reload brought another way to tell.
  private var formerState: HealthState? { state == .unknown ? nil : state }

  private func count(_ result: CheckResult, _ duration: TimeSpan) -> LastCheck {
    if result.passed { passed &+= 1 } else { failed &+= 1 }
    return LastCheck(at: Clock.wallTime, result: result, duration: duration)
  }

  private func heedAgent() {
    let before = (agentWeight, agentDrains)
    (agentWeight, agentDrains) = (agent?.machine.weight, agent?.machine.isDraining ?? false)
    if before != (agentWeight, agentDrains) { listener().agentChanged(self) }
    guard let machine = agent?.machine else {
      return combine(cause: "its agent is not asked any more", firstSign: Clock.now)
    }
    combine(cause: machine.cause, firstSign: machine.firstSign)
  }

  private func combine(cause: String, firstSign: Instant) {
    let next = ServerHealth.combined(checks: checks?.machine.state, agent: agent?.machine.state)
    guard next != state else { return }
    let change = HealthChange(from: state, to: next, cause: cause, firstSign: firstSign)
    state = next
    listener().changed(self, change)
  }
}
