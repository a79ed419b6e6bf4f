import AdminAPI
import Alerting
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// What faults come to: by service, by month, and as files.
extension ControlPlane {
  func faultSummary() async -> AdminAnswer {
    let (records, since) = await countedFaults()
    return .json(
      FaultStatistics.summaries(
        records: records, services: input.settings.services.map(\.name), observedSince: since,
        now: Clock.wallTime))
  }

  /// All that there are, and since when nothing of them is missing: the oldest go first.
  private func countedFaults() async -> ([FaultRecord], WallTime) {
    let records = await faults(service: nil, openOnly: false, limit: Self.mostRecords)
    guard records.count >= Self.mostRecords, let oldest = records.map(\.began).min() else {
      return (records, recalled.observedSince)
    }
    return (records, max(oldest, recalled.observedSince))
  }

  func faultMonths(_ request: AdminRequest) async -> AdminAnswer {
    let service = request.first("service")
    if let service, !isService(service) { return .notFound("service \(service)") }
    guard let objective = objective(request) else { return Self.objectiveIsWrong }
    return .json(await months(of: service, objective: objective))
  }

  /// `99.9%` or `99.9`; nil when it is there and wrong.
  private func objective(_ request: AdminRequest) -> Double?? {
    guard var text = request.first("objective") else { return .some(nil) }
    if text.hasSuffix("%") { text.removeLast() }
    guard let percent = Double(text), percent > 0, percent <= 100 else { return nil }
    return .some(percent / 100)
  }

  private static let objectiveIsWrong = AdminAnswer.error(
    400, "invalid", "objective must be a share above 0% and up to 100%, such as 99.9%")

  private func months(of service: String?, objective: Double?) async -> [FaultMonth] {
    let (records, since) = await countedFaults()
    let services = input.settings.services.map(\.name).filter { service == nil || $0 == service }
    var objectives: [String: Double] = [:]
    for service in input.settings.services {
      let own = service.objectives.first { $0.indicator == .availability }?.target
      objectives[service.name] = objective ?? own
    }
    return FaultStatistics.months(
      records: records, services: services, objectives: objectives, observedSince: since,
      now: Clock.wallTime)
  }

  // MARK: Files

  func exportFaults(_ request: AdminRequest) async -> AdminAnswer {
    let service = request.first("service")
    if let service, !isService(service) { return .notFound("service \(service)") }
    guard let from = moment(request, "since"), let to = moment(request, "until") else {
      return .error(
        400, "invalid", "since and until are like 2026-11-01 or 2026-11-01T08:00:00Z")
    }
    guard let objective = objective(request) else { return Self.objectiveIsWrong }
    let records = await faultRoots(service: service, openOnly: false, limit: Self.mostRecords)
      .filter { record in
        (from.map { record.began >= $0 } ?? true) && (to.map { record.began < $0 } ?? true)
      }
    switch request.first("format") ?? "json" {
    case "json": return .json(records)
    case "csv":
      return file(FaultTable.text(records), FaultTable.mediaType, named: "faults.csv")
    case "markdown":
      let months = await months(of: service, objective: objective)
      return file(
        FaultReport.text(records, months: months, now: Clock.wallTime), PostMortem.mediaType,
        named: "faults.md")
    default: return .error(400, "invalid", "format must be csv, json or markdown")
    }
  }

  func faultReport(_ text: String) async -> AdminAnswer {
    guard let id = Int64(text), let record = await faultRecord(id) else {
      return .notFound("fault \(text)")
    }
    let lines = await timeline(of: record)
    return file(
      PostMortem.text(record, timeline: lines, now: Clock.wallTime), PostMortem.mediaType,
      named: "fault-\(id).md")
  }

  private func file(_ text: String, _ type: String, named name: String) -> AdminAnswer {
    AdminAnswer(
      status: 200, contentType: type,
      headers: [("Content-Disposition", "attachment; filename=\"\(name)\"")],
      body: Array(text.utf8))
  }

  /// A day is its first moment, in UTC; nil when it is there and wrong.
  private func moment(_ request: AdminRequest, _ name: String) -> WallTime?? {
    guard let text = request.first(name) else { return .some(nil) }
    let full = text.utf8.count == 10 ? text + "T00:00:00Z" : text
    guard let moment = WallTime(full) else { return nil }
    return .some(moment)
  }
}
