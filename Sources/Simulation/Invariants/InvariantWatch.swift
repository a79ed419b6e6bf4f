import Balancing
import Failover
import Primitives
import Topology

/// Looks at every decision of a run and notes what must never be.
struct InvariantWatch {
  private(set) var violations: [String] = []
  /// A run that goes wrong does so often; the first signs are enough.
  static let mostViolations = 5

  private var budgets: [BudgetLedger] = []
  private let share: Double
  private let attempts: Int

  init(_ scenario: Scenario) {
    share = scenario.service.retries.budget
    attempts = scenario.service.retries.attempts
    budgets = Array(
      repeating: BudgetLedger(share: share), count: max(1, scenario.workers))
  }

  mutating func note(_ violation: String) {
    if violations.count < Self.mostViolations { violations.append(violation) }
  }

  // MARK: Requests

  mutating func requestBegan(worker: Int, now: Instant) { budgets[worker].began(now) }

  mutating func retried(worker: Int, now: Instant) {
    if !budgets[worker].retried(now) {
      note("worker \(worker) retried beyond its budget of \(share) of the requests")
    }
  }

  mutating func delivered(_ request: SimulatedRequest) {
    if !request.isIdempotent, request.deliveries > 1 {
      note("a request that is not idempotent was delivered \(request.deliveries) times")
    }
  }

  mutating func requestEnded(_ request: SimulatedRequest) {
    // One more for a stale connection.
    if request.tries > attempts + 2 {
      note("a request was tried \(request.tries) times with \(attempts) retries allowed")
    }
  }

  // MARK: Choices

  mutating func chose(
    _ server: Int, for request: Balancer.Request, worker: Int, _ simulator: Simulator
  ) {
    let one = simulator.servers[server]
    if !one.isPresent || one.availability == .maintenance {
      note("\(one.model.name) was chosen, which is gone or in maintenance")
    }
    let isSession = request.session == server
    if one.availability == .draining, !isSession {
      note("\(one.model.name) was chosen for a new client while it drains")
    }
    if one.model.weight == 0, !isSession {
      note("\(one.model.name) was chosen with weight 0")
    }
    if simulator.standby != nil, one.model.name != simulator.standby?.active {
      note("\(one.model.name) was chosen, which is not the active server")
    }
    switch one.health {
    case .healthy: break
    case .unknown: note("\(one.model.name) was chosen before its first check")
    case .unhealthy:
      if !Self.isPanic(simulator.service) {
        note("\(one.model.name) was chosen, which the checks say is dead")
      }
    }
    let limit = simulator.workers[worker].limits.requests
    let inflight = simulator.workers[worker].loads[server].inflight
    if limit > 0, inflight >= limit {
      note("\(one.model.name) was chosen with \(inflight) under way and a limit of \(limit)")
    }
  }

  /// A hook begins: nobody may be active any more, and the workers have to know it.
  mutating func promoted(_ simulator: Simulator) {
    if let served = simulator.served {
      note("another server is promoted while \(served) is active")
    }
  }

  /// The share that may be out is the service's. Another worker's word is taken without a look at
  /// it, so only a single one is held to it.
  mutating func ejected(_ server: Int, worker: Int, _ simulator: Simulator) {
    guard simulator.workers.count == 1 else { return }
    let loads = simulator.workers[worker].loads
    let used = simulator.workers[worker].balancer
      .explain(Balancer.Request(), loads: loads, now: simulator.now).candidates.map(\.server)
    // One that is out of use anyway takes nobody's place.
    guard used.contains(server) else { return }
    let out = used.count { loads[$0].breaker.isEjected }
    let allowed = Double(used.count) * simulator.service.ejection.maxShare
    if Double(out) > allowed || out == used.count {
      note("\(out) of \(used.count) servers are ejected, where \(allowed) may be")
    }
  }

  /// Whether servers that failed their checks may be used: no other is left, or so few of a greater
  /// fleet that they could not carry its load.
  static func isPanic(_ service: Service) -> Bool {
    let open = service.servers.filter(\.takesNewWork)
    let healthy = open.count { $0.health == .healthy }
    if healthy == 0 { return true }
    let first = open.map(\.priority).min() ?? 0
    let size = open.count { $0.priority == first }
    return size > 5 && Double(healthy) < service.panicThreshold * Double(size)
  }

  // MARK: The end

  mutating func ended(_ simulator: Simulator) {
    for (number, worker) in simulator.workers.enumerated() {
      if worker.waiting.count > 0 {
        note("\(worker.waiting.count) requests still wait at worker \(number)")
      }
      for (server, load) in worker.loads.enumerated() where load.inflight != 0 {
        note("server \(server) has \(load.inflight) under way at worker \(number) after the end")
      }
    }
    let counts = simulator.recorder
    if counts.succeeded + counts.failed != counts.requests {
      note("\(counts.requests) requests came, but \(counts.succeeded + counts.failed) ended")
    }
    checkShares(simulator)
  }
}

/// Requests and retries by second, kept apart from the budget that is under test.
struct BudgetLedger {
  private var requests: [UInt64: Int] = [:]
  private var retries: [UInt64: Int] = [:]
  let share: Double

  init(share: Double) { self.share = share }

  mutating func began(_ now: Instant) { requests[now.nanoseconds / 1_000_000_000, default: 0] += 1 }

  /// - Returns: whether this one was within the budget.
  mutating func retried(_ now: Instant) -> Bool {
    let second = now.nanoseconds / 1_000_000_000
    retries[second, default: 0] += 1
    let window = second - min(second, UInt64(RetryBudget.windowSeconds - 1))...second
    let came = window.reduce(0) { $0 + (requests[$1] ?? 0) }
    let again = window.reduce(0) { $0 + (retries[$1] ?? 0) }
    let baseline = RetryBudget.baseline * RetryBudget.windowSeconds
    // The last retry is allowed when what went before is below the bound.
    return Double(again - 1) < Double(came) * share + Double(baseline)
  }
}
