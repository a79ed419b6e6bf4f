import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// Events and faults: from the store, with those that it doesn't have yet from memory.
extension ControlPlane {
  static let mostRecords = 10_000
  static let usualRecords = 100
  /// Events of a service's page.
  static let shownRecords = 20

  func events(_ request: AdminRequest) async -> AdminAnswer {
    let service = request.first("service")
    if isSet(request, "follow") { return AdminAnswer(stream: .events(service: service)) }
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords),
      let after = number(request, "after", default: -1, in: -1...Int.max)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords), after an id") }
    return .json(
      await events(service: service, after: after < 0 ? nil : Int64(after), limit: limit))
  }

  func events(service: String?, after: Int64?, limit: Int) async -> [EventRecord] {
    let stored = try? await recorder.store.events(service: service, after: after, limit: limit)
    return recorder.ring.merged(
      with: stored ?? [], service: service, after: after, limit: limit)
  }

  func faults(_ request: AdminRequest) async -> AdminAnswer {
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords)") }
    return .json(
      await faults(
        service: request.first("service"), openOnly: isSet(request, "open"), limit: limit))
  }

  /// Newest first. What is in memory is newer than what is on disk.
  func faults(service: String?, openOnly: Bool, limit: Int) async -> [FaultRecord] {
    let stored = try? await recorder.store.faults(
      service: service, openOnly: openOnly, limit: limit)
    var records = Dictionary((stored ?? []).map { ($0.id, $0) }) { $1 }
    for record in recorder.ledger.records where service == nil || record.service == service {
      records[record.id] = record
    }
    return Array(
      records.values.filter { !openOnly || $0.resolved == nil }
        .sorted { $0.id > $1.id }.prefix(limit))
  }

  func faultSummary() async -> AdminAnswer {
    let records = await faults(service: nil, openOnly: false, limit: Self.mostRecords)
    return .json(
      FaultStatistics.summaries(
        records: records, services: input.settings.services.map(\.name),
        observedSince: recalled.observedSince, now: Clock.wallTime))
  }

  func resolveFault(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let id = Int64(text) else { return .notFound("fault \(text)") }
    guard let resolution = AdminJSON.decode(FaultResolution.self, request.body),
      !resolution.cause.isEmpty
    else { return .error(400, "invalid", #"the body must be like {"cause":"disk full"}"#) }
    if recorder.ledger.records.contains(where: { $0.id == id }) {
      recorder.handle(.resolved(id: id, cause: resolution.cause))
      return recorder.ledger.records.first { $0.id == id }.map { .json($0) }
        ?? .notFound("fault \(id)")
    }
    // One of earlier days: it is closed already, and gets its cause.
    guard var record = try? await recorder.store.fault(id: id) else {
      return .notFound("fault \(id)")
    }
    record.cause = resolution.cause
    recorder.writer.write(.faults([record]))
    return .json(record)
  }

  func detail(_ service: String) async -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    let faults = await faults(service: service, openOnly: false, limit: Self.shownRecords)
    let events = await events(service: service, after: nil, limit: Self.shownRecords)
    return serviceDetail(service, faults: faults, events: events).map { .json($0) }
      ?? .notFound("service \(service)")
  }
}
