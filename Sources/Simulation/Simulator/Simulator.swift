import Balancing
import Failover
import HealthChecking
import Primitives
import Topology

/// Runs a scenario. Every decision is made by the machines that the data plane and the control plane
/// run (`Balancer`, `ServerLoad`, `RetryBudget`, `Exchange`, `HealthMachine`, `PrimaryStandbyMachine`); here are only the
/// clock, the network, the servers and the clients around them.
///
/// What it leaves out: bodies, TLS, the time that Ballast itself takes, and packet-level TCP. A
/// connection takes one round trip, or none when an idle one is reused.
public final class Simulator {
  /// Servers of a scenario, those that are added later too.
  public static let mostServers = 10_000

  let scenario: Scenario
  /// A monotonic clock begins somewhere.
  let origin = Instant(nanoseconds: 1_000_000_000_000)
  var now: Instant
  var heap = EventHeap()
  var arrivals: ArrivalStream
  var upcoming: ArrivalStream.Arrival?
  var servers: [SimulatedServer]
  var workers: [SimulatedWorker]
  var requests: [SimulatedRequest] = []
  var freeRequests: [Int32] = []
  var tries: [SimulatedTry] = []
  var freeTries: [Int32] = []
  /// The servers that clients' cookies name.
  var cookies: [UInt64: Int] = [:]
  var service: Service
  var standby: PrimaryStandbyMachine?
  /// The one active server's name, while there is one.
  var served: String?
  var plannedTick: Instant?
  /// Of what happens outside of Ballast.
  var chance: SeededRandom
  var checkRandom: SeededRandom
  var recorder: Recorder
  var watch: InvariantWatch?

  init(_ scenario: Scenario, watch: InvariantWatch? = nil) {
    self.scenario = scenario
    self.watch = watch
    now = origin
    arrivals = ArrivalStream(scenario)
    servers = scenario.servers.prefix(Self.mostServers).map {
      SimulatedServer($0, health: .healthy)
    }
    for place in servers.indices { _ = servers[place].takeBusyShare(origin) }
    chance = SeededRandom(seed: scenario.seed ^ 0xC4A2_CE00)
    checkRandom = SeededRandom(seed: scenario.seed ^ 0xC4EC_C5EE)
    let budget = RetryBudget(share: scenario.service.retries.budget)
    workers = (0..<max(1, scenario.workers)).map { number in
      SimulatedWorker(
        budget: budget, seed: scenario.seed &+ UInt64(truncatingIfNeeded: number) &* 0x9E37)
    }
    service = Service(
      id: ServiceID(0), name: scenario.name, algorithm: scenario.service.algorithm, servers: [])
    recorder = Recorder(scenario)
  }

  /// - Parameter progress: told the share that is done, about a hundred times.
  public static func run(
    _ scenario: Scenario, progress: (Double) -> Void = { _ in }
  ) -> SimulationReport {
    let simulator = Simulator(scenario)
    simulator.runToEnd(progress)
    return simulator.report()
  }

  func runToEnd(_ progress: (Double) -> Void = { _ in }) {
    beginStandby()
    publish()
    plan()
    let part = max(1, scenario.duration.nanoseconds / 100)
    var told: Int64 = 0
    while let entry = heap.next() {
      now = entry.time
      handle(entry.event)
      for number in workers.indices where workers[number].mayAdmit { admitWaiting(number) }
      recorder.events &+= 1
      let parts = (now - origin).nanoseconds / part
      if parts > told {
        told = parts
        progress(min(1, Double(parts) / 100))
      }
      // What goes on for ever, such as checks, ends with the last request.
      if upcoming == nil, recorder.underWay == 0 { break }
    }
    watch?.ended(self)
  }

  private func plan() {
    for (place, fault) in scenario.faults.enumerated() {
      heap.schedule(.faultBegins(Int32(truncatingIfNeeded: place)), at: origin + fault.at)
    }
    for (place, step) in scenario.scaling.enumerated() {
      heap.schedule(.scaling(Int32(truncatingIfNeeded: place)), at: origin + step.at)
    }
    for server in servers.indices { beginChecks(server, adopting: .healthy) }
    heap.schedule(.second, at: origin + .seconds(1))
    nextArrival()
  }

  private func handle(_ event: SimulatedEvent) {
    switch event {
    case .arrival: arrive()
    case .requestTimer(let ticket): timerFired(ticket)
    case .connectEnded(let ticket): connectEnded(ticket)
    case .reached(let ticket): reached(ticket)
    case .served(let ticket, let incarnation): served(ticket, incarnation)
    case .answered(let ticket, let status): answered(ticket, Int(status))
    case .closed(let ticket): closed(ticket)
    case .check(let server): beginCheck(Int(server))
    case .checkEnded(let server, let number, let passed):
      checkEnded(Int(server), number, passed: passed)
    case .faultBegins(let fault): faultBegins(Int(fault))
    case .faultEnds(let fault): faultEnds(Int(fault))
    case .faultTurns(let fault): faultTurns(Int(fault))
    case .scaling(let step): scale(Int(step))
    case .removal(let server): remove(Int(server))
    case .shedding(let worker): shed(Int(worker))
    case .promotionEnded(let epoch): promotionEnded(epoch)
    case .standbyTick: standbyTicked()
    case .second: secondPassed()
    }
  }

  /// Since the beginning.
  var elapsed: TimeSpan { now - origin }
}
