import AdminAPI
import Configuration
import Faults
import Guarding
import Telemetry
import Topology

/// Answers scrapers.
extension ControlPlane {
  /// In the format that the scraper asks for; written off the loop, since of thousands of servers
  /// the page has megabytes.
  func metrics(_ request: AdminRequest) async -> AdminAnswer {
    let format = ExpositionFormat(accept: request.accept)
    let reports = await dataPlane.reports(withExemplars: format == .openMetrics)
    let page = await metricsPage(of: reports)
    let text = await metricsWriter.write(
      page, format, seriesLimit: loaded.settings.metrics.series)
    return AdminAnswer(
      contentType: format.contentType, headers: [("Vary", "Accept")], body: Array(text.utf8))
  }

  private func metricsPage(of reports: [WorkerReport]) async -> MetricsPage {
    var page = MetricsPage(reports: reports, snapshot: snapshot, identities: identities)
    page.checks = health.all.sorted {
      ($0.name.service, $0.name.server) < ($1.name.service, $1.name.server)
    }
    .map { .init(server: $0.name, passed: $0.passed, failed: $0.failed) }
    page.replicas = replicaStatuses().map { .init(service: $0.service, state: $0.state) }
    page.scales = scaleSeries
    page.deployments = deploymentSeries
    page.faults = recorder.counts
    page.reloads = reloadCounts
    page.standbyServices = Set(
      input.settings.services.filter { $0.standby != nil }.map(\.name))
    page.draining = drainingStatuses
    page.process = ProcessFigures.sample
    page.storeIsHealthy = recorder.problem == nil
    page.lostLogLines = dataPlane.lostLogLines
    page.divertedLogLines = programLog.divertedLines
    page.bans = bans.count
    page.backups = backupFigures
    page.certificates = certificateSeries
    page.renewals = certificates.counts
    page.alerts = alerts.series
    page.traces = dataPlane.traceFigures
    page.openFaults = recorder.ledger.troubles
    page.signIns = accounts.counts
    page.audit = MetricsPage.AuditFigures(
      audit, file: loaded.settings.audit.head.file != nil,
      webhook: loaded.settings.audit.head.webhook != nil)
    page.eventSinks = await eventSinkStatuses
    page.lostOutgoing = recorder.writer.lostOutgoing
    return page
  }
}
