import Balancing
import Primitives
import Telemetry
import Topology

/// What a worker keeps of a service over all topologies.
struct ServiceState {
  var balancer: ServiceBalancer?
  var limits = Limits()
  /// Connections to one server that many requests share; 0 is no limit. They are none of `limits`.
  var sessionLimit = 0
  var budget = RetryBudget(share: 0.2)
  var budgetShare = 0.2
  var sessions = ServiceSessions()
  /// Clients whose requests wait for a server with room.
  var waiting = WaitingLine()
  var counters: WorkerReport.ServiceCounters
  /// When the control plane may be told again that somebody waits for a server.
  var asksAgain = Instant.zero
  /// For how long requests wait while there is no server, since one is started for them; nil while
  /// there is one, and where none would be.
  private(set) var coldStart: TimeSpan?
  /// Whether a request without a server waits for one: its one active server is being replaced, or one
  /// is started.
  private var awaitsServer = false

  init(id: ServiceID) { counters = WorkerReport.ServiceCounters(id: id) }

  /// The counters, with what is under way just now.
  func report(_ now: Instant) -> WorkerReport.ServiceCounters {
    var report = counters
    report.queued = waiting.count
    report.sessions = sessions.count(now)
    report.budgetRefusals &+= budget.refusals
    return report
  }

  /// Takes over a topology's word, keeping counters, budget and queue.
  mutating func adopt(
    _ service: Service, workers: Int, loads: inout [ServerLoad], now: Instant
  ) {
    var limits = service.limits
    limits.requests = Self.share(limits.requests, workers)
    limits.connections = Self.share(limits.connections, workers)
    limits.queue = Self.share(limits.queue, workers)
    if service.isMultiplexed {
      sessionLimit = limits.connections
      // A request needs no connection of its own.
      limits.connections = 0
    }
    self.limits = limits
    if balancer == nil { balancer = ServiceBalancer() }
    balancer?.adopt(service, limits: limits, loads: &loads, now: now)
    sessions.adopt(service)
    waiting.adopt(limits)
    let hasServer = service.servers.contains { $0.takesNewWork && $0.health != .unknown }
    let wasCold = coldStart != nil
    coldStart = hasServer ? nil : service.coldStart
    // Whoever waited for the start has not waited for a place: that begins now.
    if wasCold, coldStart == nil { waiting.beginAnew(now) }
    let isSwitchingOver =
      service.servers.contains(where: \.isStandby)
      && !service.servers.contains(where: \.takesNewWork)
    awaitsServer = isSwitchingOver || coldStart != nil
    if budgetShare != service.retries.budget {
      budgetShare = service.retries.budget
      counters.budgetRefusals &+= budget.refusals
      budget = RetryBudget(share: budgetShare)
    }
  }

  /// Nil when the present topology doesn't have the service.
  mutating func choose(
    _ request: Balancer.Request, loads: [ServerLoad], now: Instant, random: inout SeededRandom
  ) -> Balancer.Choice? {
    let choice = balancer?.choose(request, loads: loads, now: now, random: &random)
    return choice == Balancer.Choice.none && awaitsServer ? .full : choice
  }

  /// A worker's part of a limit; 0 stays 0, everything else is at least 1.
  private static func share(_ limit: Int, _ workers: Int) -> Int {
    limit == 0 ? 0 : max(1, limit / workers)
  }
}
