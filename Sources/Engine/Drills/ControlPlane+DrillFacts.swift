import Configuration
import Deployment
import Drills
import EventLoop
import Faults
import HealthChecking
import Primitives
import Supervision
import Topology
import Wire

/// What a drill's safety and forecast are made from.
extension ControlPlane {
  func facts(of order: DrillOrder, _ settings: ServiceSettings) async -> DrillFacts {
    let reports = await dataPlane.reports()
    let name = ServerName(service: order.service, server: order.server)
    var facts = DrillFacts()
    let replica = replicaSets[name.service]?.machine.replicas.first { $0.name == name.server }
    facts.isReplica = replica?.pid != nil
    facts.isContainer = replicaSets[name.service]?.template(of: name.server)?.kind == .container
    facts.startTime = drills.startTimes[name.service]
    addServers(of: settings, name, TrafficSample(at: Clock.now, reports), to: &facts)
    facts.unrepeatable = unrepeatable(settings.name, reports)
    facts.isHTTP = settings.protocol != .tcp && settings.protocol != .udp
    if let needed = neededByLoad(settings) {
      facts.needed = needed
      facts.neededFrom = "the most requests under way in the last ten minutes, by limits.requests"
    }
    facts.panic = settings.panic
    facts.hasStandbys = settings.standby != nil
    facts.isChanging = replicaSets[name.service]?.machine.isRolling == true
    facts.openFaults = recorder.ledger.records.count {
      $0.resolved == nil && $0.recovered == nil
        && ($0.service == name.service || $0.service.isEmpty)
    }
    facts.isEnding = drain != nil || isRetired || upgrade.map { $0.ended == nil } ?? false
    facts.runningDrill = drills.running?.number
    addJudges(of: settings, to: &facts)
    return facts
  }

  private func addServers(
    of settings: ServiceSettings, _ name: ServerName, _ sample: TrafficSample,
    to facts: inout DrillFacts
  ) {
    guard let service = snapshot.services.first(where: { $0.name == settings.name }) else { return }
    facts.servers = service.servers.count
    facts.takesWork = false
    for server in service.servers {
      let traffic = sample.servers[server.id.index]
      let works =
        server.health == .healthy && server.takesNewWork && traffic?.avoidedBy ?? 0 == 0
      if server.name != name.server {
        facts.others += works ? 1 : 0
        continue
      }
      facts.takesWork = works
      facts.inflight = traffic?.inflight ?? 0
      facts.concurrency = max(facts.inflight, traffic?.connections ?? 0)
      facts.requestsPerSecond = history.requestsPerSecond(of: server.id)
    }
    let most = Int(settings.ejection.maxShare * Double(facts.servers))
    facts.mayEject = facts.others > 0 && most >= 1
  }

  private func addJudges(of settings: ServiceSettings, to facts: inout DrillFacts) {
    facts.isWatched = settings.health.isWatched && settings.health.check != .none
    facts.checkInterval = settings.health.interval
    facts.fastInterval = min(settings.health.interval, HealthPolicy.fastInterval)
    facts.checkTimeout = settings.health.timeout
    facts.rise = settings.health.rise
    facts.fall = settings.health.fall
    facts.workers = dataPlane.count
    facts.ejectionFailures = settings.ejection.failures
    facts.ejectionTime = settings.ejection.time
    facts.longestEjection = settings.ejection.longest
    facts.retries = settings.retries.attempts > 0
    facts.retriesErrors =
      facts.retries && settings.retries.conditions.contains(.gatewayError)
    let timeouts = [settings.timeouts.response, settings.retries.perTryTimeout ?? .zero]
    facts.answerTimeout = timeouts.filter { $0 > .zero }.min()
  }

  /// The share of the service's requests, so far, that must not be sent twice (RFC 9110 section 9.2.2).
  private func unrepeatable(_ service: String, _ reports: [WorkerReport]) -> Double {
    let id = identities.knownService(service)
    var (all, once) = (0.0, 0.0)
    for series in reports.flatMap(\.series) where series.service == id {
      let count = Double(series.codes.reduce(UInt64(0)) { $0 &+ $1.count })
      all += count
      if !Self.repeatable.contains("\(series.method.label)") { once += count }
    }
    return all > 0 ? once / all : 0
  }

  private static let repeatable: Set<String> = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]

  /// The first that takes work, of those that can be drilled so.
  func drillTarget(_ kind: DrillKind, _ settings: ServiceSettings) -> String? {
    let servers = snapshot.services.first { $0.name == settings.name }?.servers ?? []
    let replicas = Set(replicaSets[settings.name]?.machine.replicas.map(\.name) ?? [])
    let able = servers.filter { !kind.needsProcess || replicas.contains($0.name) }
    return (able.first { $0.health == .healthy && $0.takesNewWork } ?? able.first ?? servers.first)?
      .name
  }
}
