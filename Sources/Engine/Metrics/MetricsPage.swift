import AdminAPI
import Faults
import Primitives
import Telemetry
import Topology
import Wire

/// Everything that `/metrics` shows, taken at one moment. `docs/reference/metrics.md` lists it.
struct MetricsPage: Sendable {
  struct Check: Sendable {
    var server: ServerName
    var passed: UInt64
    var failed: UInt64
  }

  struct Replica: Sendable {
    var service: String
    var state: String
  }

  let reports: [WorkerReport]
  /// The same, added up.
  let sample: TrafficSample
  var snapshot: TopologySnapshot
  var identities: IdentityRegistry
  var checks: [Check] = []
  var replicas: [Replica] = []
  var scales: [Scale] = []
  var deployments: [DeploymentCount: UInt64] = [:]
  var alerts = AlertSeries()
  /// How many faults began, by service and type.
  var faults: [FaultCount: UInt64] = [:]
  /// Root causes that are there now, by type.
  var openFaults: [FaultRecord.Kind: Int] = [:]
  var reloads: [String: UInt64] = [:]
  /// Services with one active server.
  var standbyServices: Set<String> = []
  /// Engines that this one has replaced.
  var draining: [DrainingStatus] = []
  var process: ProcessSample?
  var storeIsHealthy = true
  var lostLogLines: UInt64 = 0
  /// Of the program's log, lines that went to standard error instead.
  var divertedLogLines: UInt64 = 0
  /// How many blocks of addresses are not served.
  var bans = 0
  /// Nil without a schedule.
  var backups: BackupFigures?
  var certificates: [CertificateExpiry] = []
  /// Changes of their files, by result.
  var renewals: [String: UInt64] = [:]
  /// Attempts, by result.
  var signIns: [String: UInt64] = [:]
  var audit: AuditFigures?

  init(reports: [WorkerReport], snapshot: TopologySnapshot, identities: IdentityRegistry) {
    self.reports = reports
    sample = TrafficSample(at: .zero, reports)
    self.snapshot = snapshot
    self.identities = identities
  }
  var eventSinks: [EventSinkStatus] = []
  /// Messages for sinks that could not be written to the disk.
  var lostOutgoing: UInt64 = 0

  /// Nil while no traces were made.
  var traces: TraceCounters.Figures?

  struct FaultCount: Hashable, Sendable {
    var service: String
    var type: String
  }

  static let replicaStates = ["starting", "ready", "unready", "stopping", "backoff", "crash-loop"]

  /// - Parameters:
  ///   - seriesLimit: lines of one metric.
  ///   - admissions: which series the pages before showed, and this one.
  func text(
    _ format: ExpositionFormat, seriesLimit: Int, admissions: inout SeriesAdmissions
  ) -> String {
    var page = Exposition(seriesLimit: seriesLimit, admissions: admissions, names: namesInUse)
    // One owner at a time, or all of it would be copied.
    admissions = SeriesAdmissions()
    defer { admissions = page.admissions }
    page.gauge(
      "ballast_build_info", help: "1, with the version as a label.",
      labels: ["version": BallastVersion.current], value: 1)
    page.gauge(
      "ballast_topology_version", help: "The version of the topology that is served.",
      value: Double(snapshot.version))
    for (result, count) in reloads.sorted(by: { $0.key < $1.key }) {
      page.counter(
        "ballast_config_reloads_total", help: "Reloads of the configuration, by result.",
        labels: ["result": result], count: count)
    }
    page.gauge(
      "ballast_store_up", help: "1 while the state is kept on disk.",
      value: storeIsHealthy ? 1 : 0)
    page.gauge(
      "ballast_draining_engines", help: "Engines that were replaced and still finish.",
      value: Double(draining.count))
    page.gauge(
      "ballast_draining_connections", help: "Connections of clients that these still have.",
      value: Double(draining.reduce(0) { $0 + $1.connections }))
    addRequests(to: &page)
    addServers(to: &page)
    addServices(to: &page)
    addScaling(to: &page)
    addDeployments(to: &page)
    addAlerts(to: &page)
    addListeners(to: &page)
    addDefence(to: &page)
    addTLS(to: &page)
    addCertificates(to: &page)
    addSignIns(to: &page)
    addBackups(to: &page)
    addAudit(to: &page)
    addEventSinks(to: &page)
    addCompression(to: &page)
    addStreams(to: &page)
    addRecords(to: &page)
    addTraces(to: &page)
    if let process { page.process(process) }
    return page.text(format)
  }

  // MARK: Families

  private func addRequests(to page: inout Exposition) {
    page.declareCounter(
      "ballast_requests_total", help: "Requests answered; code 0 where no answer was begun.")
    for report in reports {
      for series in report.series {
        let (listener, route, service) = names(of: series)
        for code in series.codes {
          page.counter(
            "ballast_requests_total",
            help: "Requests answered; code 0 where no answer was begun.",
            labels: [
              "listener": listener, "route": route, "service": service, "code": "\(code.code)",
              "method": series.method.label,
            ], count: code.count)
        }
      }
    }
    for report in reports {
      for series in report.series {
        let (listener, route, service) = names(of: series)
        page.histogram(
          "ballast_request_duration_seconds",
          help: "From the head of a request to the end of its answer.",
          labels: [
            "listener": listener, "route": route, "service": service,
            "method": series.method.label,
          ], value: series.durations, exemplars: series.exemplars)
      }
    }
  }

  private func addListeners(to page: inout Exposition) {
    for listener in snapshot.listeners {
      page.gauge(
        "ballast_connections", help: "Open connections of clients.",
        labels: ["listener": listener.name],
        value: Double(sample.listeners[listener.id.index]?.open ?? 0), adds: true)
    }
    for listener in snapshot.listeners {
      page.counter(
        "ballast_connections_total", help: "Connections of clients that were accepted.",
        labels: ["listener": listener.name],
        count: sample.listeners[listener.id.index]?.accepted ?? 0)
    }
  }

  private func addRecords(to page: inout Exposition) {
    page.declareCounter("ballast_faults_total", help: "Faults that began, by type.")
    for (fault, count) in faults.sorted(by: {
      ($0.key.service, $0.key.type) < ($1.key.service, $1.key.type)
    }) {
      page.counter(
        "ballast_faults_total", help: "Faults that began, by type.",
        labels: ["service": fault.service, "type": fault.type], count: count)
    }
    for type in FaultRecord.Kind.allCases where type != .engineCrashed {
      page.gauge(
        "ballast_faults_open", help: "Root causes that are there now, by type.",
        labels: ["type": type.rawValue], value: Double(openFaults[type] ?? 0))
    }
    page.counter(
      "ballast_access_log_lost_lines_total",
      help: "Lines of the access log that were lost, since its file could not be written.",
      count: lostLogLines)
    page.counter(
      "ballast_access_log_unsampled_lines_total",
      help: "Lines that the access log would have had without its sampling.",
      count: reports.reduce(0) { $0 &+ $1.unsampledLines })
    page.counter(
      "ballast_log_diverted_lines_total",
      help: "Lines of the log that went to standard error, since its target did not take them.",
      count: divertedLogLines)
  }

  // MARK: Names

  /// What has left the configuration may make room for what came.
  private var namesInUse: [String: Set<String>] {
    [
      "listener": Set(snapshot.listeners.map(\.name)), "route": Set(snapshot.routes.map(\.name)),
      "service": Set(snapshot.services.map(\.name)),
      "server": Set(snapshot.services.flatMap { $0.servers.map(\.name) }),
    ]
  }

  /// Requests that no route took have empty names there.
  func names(
    of series: WorkerReport.RequestSeries
  ) -> (listener: String, route: String, service: String) {
    func name(_ index: Int?, _ names: [String]) -> String {
      guard let index, names.indices.contains(index) else { return "" }
      return names[index]
    }
    let other = "_other"
    if series.isFolded { return (other, other, other) }
    return (
      name(series.listener.index, identities.listeners),
      name(series.route?.index, identities.routes),
      name(series.service?.index, identities.services)
    )
  }
}
