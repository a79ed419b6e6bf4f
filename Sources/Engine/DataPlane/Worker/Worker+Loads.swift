import Balancing
import Primitives
import Telemetry
import Topology
import Wire

/// What this loop's own traffic says of servers.
extension Worker {
  mutating func began(_ server: Int) {
    loads[server].began(now)
    loadChanged(server)
  }

  /// Has to follow every change to a load.
  mutating func loadChanged(_ server: Int) {
    guard let service = servers[server].service else { return }
    services[service].balancer?.loadChanged(server, loads: loads)
  }

  /// A connection ends its work for a request of a service.
  mutating func leave(_ upstream: Int, _ service: ServiceID?) {
    let server = upstreams[upstream].server
    if !upstreams[upstream].isJudged {
      loads[server].abandoned(after: now - upstreams[upstream].began, now: now)
    }
    ended(service, server)
  }

  /// A try, or a stream, is no longer under way: its place is another's.
  mutating func ended(_ service: ServiceID?, _ server: Int) {
    loads[server].ended()
    loadChanged(server)
    if servers[server].waiting.count > 0 { serverAdmissions.append(server) }
    guard let service else { return }
    if services[service.index].waiting.count > 0 { admissions.append(service.index) }
  }

  /// Holds the head of a final answer for or against its server.
  mutating func judgeAnswer(
    _ upstream: Int, _ service: Service, _ status: Int, after latency: TimeSpan
  ) {
    let server = upstreams[upstream].server
    upstreams[upstream].isJudged = true
    let isFailure = CircuitBreaker.isFailure(status: status)
    if !isFailure {
      servers[server].answers &+= 1
      servers[server].answerNanoseconds &+= UInt64(truncatingIfNeeded: latency.nanoseconds)
      servers[server].latencies.record(latency)
    }
    let policy = isFailure ? ejection(of: server, service) : nil
    let change = loads[server].answered(
      isFailure: isFailure, after: latency, policy: policy ?? service.ejection,
      mayEject: policy != nil, now: now)
    loadChanged(server)
    if let change { tell(server, change) }
  }

  /// What is held against it is forgotten.
  mutating func forgive(_ server: Int) {
    loads[server].forgive()
    loadChanged(server)
  }

  /// Another worker ejected it. Two workers must not leave out all servers between them.
  mutating func eject(_ server: Int, until: Instant) {
    guard let service = servers[server].service,
      loads[server].breaker.isEjected
        || services[service].balancer?.mayEject(server, loads: loads, now: now) ?? false
    else { return }
    loads[server].breaker.eject(until: until, now: now)
    loadChanged(server)
  }

  /// Its machine's load was reported.
  mutating func measured(_ server: Int, cpu: Double, memory: Double) {
    loads[server].measured(MeasuredLoad(cpu: cpu, memory: memory, measured: now))
  }

  /// A server may say in its answers how loaded it is; the head stands in `answerHead`.
  mutating func readLoadReport(_ client: Int, _ server: Int, _ bytes: Span<UInt8>) {
    guard clients[client].request.service?.algorithm == .aggregateLoad,
      let report = LoadReportField.find(answerHead, bytes), let cpu = report.cpu
    else { return }
    measured(server, cpu: cpu, memory: report.memory ?? 0)
  }

  /// The policy for a failure of the server; nil when no other of the service may be left out.
  mutating func ejection(of server: Int, _ service: Service) -> EjectionPolicy? {
    services[service.id.index].balancer?.ejection(of: server, loads: loads, now: now)
  }

  /// Tells the control plane, which tells the other workers.
  mutating func tell(_ server: Int, _ change: CircuitBreaker.Change) {
    notices(.breakerChanged(ServerID(server), change))
  }
}
