import Balancing
import Primitives
import Topology

/// What one event loop of the data plane keeps: the same values as the real one's, in the same use.
final class SimulatedWorker {
  var balancer = Balancer()
  var loads: [ServerLoad] = []
  var budget: RetryBudget
  var sessions = ServiceSessions()
  var random: SeededRandom
  var limits = Limits()
  /// Requests that wait for a server with room.
  var waiting = WaitingLine()
  /// When somebody who waited in vain is looked for next, as planned.
  var plannedShedding: Instant?
  /// Somebody who waits may go on.
  var mayAdmit = false
  /// No server is active now, and one is about to be: requests wait.
  var isSwitchingOver = false
  /// Idle connections by server.
  var idle: [Int] = []
  /// When the control plane was last told that requests to a server fail.
  var lastNotice: [Instant] = []

  init(budget: RetryBudget, seed: UInt64) {
    self.budget = budget
    random = SeededRandom(seed: seed)
  }

  func adopt(_ service: Service, limits: Limits, servers: Int, now: Instant) {
    while loads.count < servers {
      loads.append(ServerLoad())
      idle.append(0)
      lastNotice.append(.zero)
    }
    self.limits = limits
    waiting.adopt(limits)
    balancer.adopt(service, limits: limits, loads: &loads, now: now)
    sessions.adopt(service)
    isSwitchingOver =
      service.servers.contains(where: \.isStandby)
      && !service.servers.contains(where: \.takesNewWork)
    if waiting.count > 0 { mayAdmit = true }
  }

  func choose(_ request: Balancer.Request, now: Instant) -> Balancer.Choice {
    let choice = balancer.choose(request, loads: loads, now: now, random: &random)
    return choice == .none && isSwitchingOver ? .full : choice
  }

  func began(_ server: Int, now: Instant) {
    loads[server].began(now)
    loadChanged(server)
  }

  func ended(_ server: Int) {
    loads[server].ended()
    loadChanged(server)
    if waiting.count > 0 { mayAdmit = true }
  }

  /// Has to follow every change to a load.
  func loadChanged(_ server: Int) { balancer.loadChanged(server, loads: loads) }

  func forgive(_ server: Int) {
    loads[server].forgive()
    loadChanged(server)
  }

  /// Another worker ejected it.
  func eject(_ server: Int, until: Instant, now: Instant) {
    loads[server].breaker.eject(until: until, now: now)
    loadChanged(server)
  }

  func measured(_ server: Int, _ load: MeasuredLoad) {
    loads[server].measured(load)
    loadChanged(server)
  }

  func ejection(of server: Int, now: Instant) -> EjectionPolicy? {
    balancer.ejection(of: server, loads: loads, now: now)
  }
}
