import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// Faults: from the store, with what is newer in memory.
extension ControlPlane {
  func faults(_ request: AdminRequest) async -> AdminAnswer {
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords)") }
    let (service, openOnly) = (request.first("service"), isSet(request, "open"))
    if isSet(request, "all") {
      return .json(await faults(service: service, openOnly: openOnly, limit: limit))
    }
    return .json(await faultRoots(service: service, openOnly: openOnly, limit: limit))
  }

  /// Every record by itself, newest first.
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

  /// Those that hang beneath no other, newest first, each with what hangs beneath it.
  func faultRoots(service: String?, openOnly: Bool, limit: Int) async -> [FaultRecord] {
    // What memory says is newer, so the store need not read it.
    let fresh = recorder.ledger.records
    let known = Set(fresh.map(\.id))
    let stored = try? await recorder.store.faultRoots(
      service: service, openOnly: openOnly, limit: limit, except: known)
    var records = Dictionary((fresh + (stored ?? [])).map { ($0.id, $0) }) { $1 }
    let below = try? await recorder.store.faults(
      beneath: records.values.filter { $0.parent == nil }.map(\.id).sorted(by: >), except: known)
    for record in below ?? [] { records[record.id] = record }
    for record in recorder.ledger.records { records[record.id] = record }
    let roots = FaultRecord.roots(of: Array(records.values)).filter { root in
      (!openOnly || root.resolved == nil)
        && (service == nil || service == root.service || root.services.contains(service ?? ""))
    }
    return Array(roots.sorted { $0.id > $1.id }.prefix(limit))
  }

  /// One record with what hangs beneath it; nil when there is none.
  func faultRecord(_ id: Int64) async -> FaultRecord? {
    let stored = try? await recorder.store.fault(id: id)
    let below = (try? await recorder.store.faults(beneath: [id])) ?? []
    var records = Dictionary(below.map { ($0.id, $0) }) { $1 }
    if let stored { records[id] = stored }
    for record in recorder.ledger.records where record.id == id || record.parent == id {
      records[record.id] = record
    }
    guard var record = records[id] else { return nil }
    let parts = records.values.filter { $0.parent == id }.sorted { $0.id > $1.id }
    if !parts.isEmpty { record.beneath = parts }
    return record
  }

  func fault(_ text: String) async -> AdminAnswer {
    guard let id = Int64(text), let record = await faultRecord(id) else {
      return .notFound("fault \(text)")
    }
    return .json(record)
  }

  // MARK: What persons say

  func resolveFault(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let cause = cause(request) else { return Self.causeIsMissing }
    let author = request.author
    return await change(
      text, { .resolved(id: $0, cause: cause, by: author) },
      // One of earlier days is closed already, and gets its cause.
      else: { $0.rename(cause, by: author, now: Clock.wallTime) })
  }

  func changeFault(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let cause = cause(request) else { return Self.causeIsMissing }
    let author = request.author
    return await change(
      text, { .caused(id: $0, cause: cause, by: author) },
      else: { $0.rename(cause, by: author, now: Clock.wallTime) })
  }

  func acknowledgeFault(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    let body = request.body.isEmpty ? Array("{}".utf8) : request.body
    guard let word = AdminJSON.decode(FaultAcknowledgement.self, body) else {
      return .error(400, "invalid", #"the body must be like {} or {"note":"looking"}"#)
    }
    let note = word.note.flatMap { $0.isEmpty ? nil : $0 }
    let author = request.author
    return await change(
      text, { .acknowledged(id: $0, by: author, note: note) },
      else: { $0.acknowledge(by: author, note: note, now: Clock.wallTime) })
  }

  private static let causeIsMissing = AdminAnswer.error(
    400, "invalid", #"the body must be like {"cause":"disk full"}"#)

  private func cause(_ request: AdminRequest) -> String? {
    guard let word = AdminJSON.decode(FaultResolution.self, request.body), !word.cause.isEmpty
    else { return nil }
    return word.cause
  }

  private func change(
    _ text: String, _ event: (Int64) -> FaultLedger.Event, else edit: (inout FaultRecord) -> Void
  ) async -> AdminAnswer {
    guard let id = Int64(text) else { return .notFound("fault \(text)") }
    if recorder.ledger.records.contains(where: { $0.id == id }) {
      recorder.handle(event(id))
    } else {
      guard var record = try? await recorder.store.fault(id: id) else {
        return .notFound("fault \(id)")
      }
      edit(&record)
      recorder.amend(record)
      await recorder.writer.flush()
    }
    return await faultRecord(id).map { .json($0) } ?? .notFound("fault \(id)")
  }

  // MARK: Timeline

  func faultTimeline(_ text: String) async -> AdminAnswer {
    guard let id = Int64(text), let record = await faultRecord(id) else {
      return .notFound("fault \(text)")
    }
    return .json(await timeline(of: record))
  }

  func timeline(of record: FaultRecord) async -> [FaultMoment] {
    let span = FaultTimeline.span(of: record, now: Clock.wallTime)
    let stored = (try? await recorder.store.events(from: span.from, to: span.to)) ?? []
    let events = recorder.ring.merged(
      with: stored, service: nil, after: nil, limit: Self.mostRecords)
    return FaultTimeline.make(record, events: events, now: Clock.wallTime)
  }
}
