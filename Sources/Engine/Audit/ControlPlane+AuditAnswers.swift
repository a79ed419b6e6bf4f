import AdminAPI
import Audit
import Configuration
import EventLoop
import Primitives
import Store

/// The audit log, looked at.
extension ControlPlane {
  /// `GET /v1/audit`.
  func auditEntries(_ request: AdminRequest) async -> AdminAnswer {
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords),
      let before = number(request, "before", default: Int.max, in: 1...Int.max)
    else {
      return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords), before a number")
    }
    var filter = AuditFilter()
    if before < .max { filter.before = Int64(before) }
    filter.actor = request.first("actor") ?? request.first("who")
    filter.action = request.first("action") ?? request.first("what")
    filter.subject = request.first("subject")
    if let text = request.first("source") {
      guard let source = AuditRecord.Source(rawValue: text) else {
        return Self.wrong("source", AuditRecord.Source.allCases.map(\.rawValue))
      }
      filter.source = source
    }
    if let text = request.first("result") {
      guard let result = AuditRecord.Result(rawValue: text) else {
        return Self.wrong("result", AuditRecord.Result.allCases.map(\.rawValue))
      }
      filter.result = result
    }
    if let text = request.first("since") {
      guard let since = WallTime(text) else {
        return .error(400, "invalid", "since must be like 2026-11-28T04:15:00Z")
      }
      filter.since = since
    }
    await recorder.writer.flush()
    do throws(StoreError) {
      return .json(try await recorder.store.audit(filter, limit: limit))
    } catch {
      return Self.unreadable(error)
    }
  }

  private static func wrong(_ name: String, _ values: [String]) -> AdminAnswer {
    .error(400, "invalid", "\(name) must be one of \(values.joined(separator: ", "))")
  }

  private static func unreadable(_ error: StoreError) -> AdminAnswer {
    .error(503, "unavailable", "the audit log cannot be read: \(error)")
  }

  /// `GET /v1/audit/{number}`.
  func auditEntry(_ text: String) async -> AdminAnswer {
    await recorder.writer.flush()
    guard let number = Int64(text),
      let entry = try? await recorder.store.audit(number: number)
    else { return .notFound("audit entry \(text)") }
    return .json(entry)
  }

  /// `GET /v1/audit/head`.
  func auditHead() async -> AdminAnswer {
    await recorder.writer.flush()
    do throws(StoreError) {
      let (head, removed) = try await recorder.store.auditHead()
      let settings = loaded.settings.audit.head
      return .json(
        AuditHeadStatus(
          number: head.number, hash: "\(head.hash)", entries: max(head.number &- removed, 0),
          removed: removed,
          exports: [
            audit.file.status(isSet: settings.file != nil),
            audit.webhook.status(isSet: settings.webhook != nil),
          ].compactMap { $0 }))
    } catch {
      return Self.unreadable(error)
    }
  }

  /// `GET` and `POST /v1/audit/verify`. It reads the whole log: one at a time.
  func verifyAudit(_ request: AdminRequest) async -> AdminAnswer {
    var heads: [AuditHead] = []
    if !request.body.isEmpty {
      guard let sent = AdminJSON.decode(AuditHeads.self, request.body) else {
        return .error(400, "invalid", #"the body must be like {"heads":[{"number":7,"hash":"…"}]}"#)
      }
      heads = sent.heads
    }
    guard !audit.isVerifying else {
      return .error(409, "conflict", "the audit log is being verified already: ask again")
    }
    audit.isVerifying = true
    defer { audit.isVerifying = false }
    await recorder.writer.flush()
    do throws(StoreError) {
      if let path = loaded.settings.audit.head.file, audit.file.exported != nil {
        heads += try await apart { () throws(StoreError) in try AuditHeadFile(path: path).read() }
      }
      return .json(try await recorder.store.verifyAudit(heads: heads))
    } catch {
      return Self.unreadable(error)
    }
  }
}
