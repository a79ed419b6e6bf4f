import AdminAPI
import Audit
import Configuration
import EventLoop
import Glibc
import Primitives

/// Every change goes into the audit log: those of the admin API around the call itself, the others where
/// they are decided.
extension ControlPlane {
  // MARK: By the admin API

  /// Answers a call that changes something. That it was begun is on the disk before anything is done, and
  /// what came of it before the answer.
  func audited(
    _ action: String, _ endpoint: Endpoint, _ names: [String], _ request: AdminRequest
  ) async -> AdminAnswer {
    guard !isDryRun(endpoint, request) else { return await answer(endpoint, names, request) }
    guard endpoint.access != .open else {
      return await auditedOpen(action, endpoint, names, request)
    }
    var record = record(action, names, request)
    audit.latest += 1
    let id = audit.latest
    record.before = auditPicture(endpoint, names, request).text
    recorder.writer.write(.auditBegan(id, record))
    await recorder.writer.flush()
    let before = auditPicture(endpoint, names, request)
    let answer = await answer(endpoint, names, request)
    (record.before, record.after) = before.change(to: auditPicture(endpoint, names, request))
    record.result = Self.result(of: answer.status)
    record.detail = Self.message(of: answer)
    if record.result == .refused, record.before == record.after { record.after = nil }
    append([record], finished: [id])
    await recorder.writer.flush()
    return answer
  }

  /// Anybody may call it, so nobody may fill the log by it: what is refused is told at a pace.
  private func auditedOpen(
    _ action: String, _ endpoint: Endpoint, _ names: [String], _ request: AdminRequest
  ) async -> AdminAnswer {
    let answer = await answer(endpoint, names, request)
    var record = record(action, names, request)
    record.result = Self.result(of: answer.status)
    record.detail = Self.message(of: answer)
    if record.result == .done {
      append([record])
      await recorder.writer.flush()
    } else if let missed = audit.pace.take(action, at: record.at, now: Clock.now) {
      append(missed + [record])
    }
    return answer
  }

  /// Somebody known asked for what the role does not allow.
  func auditRefusal(
    _ endpoint: Endpoint, _ names: [String], _ request: AdminRequest, _ answer: AdminAnswer
  ) {
    guard request.actor.role != nil, let action = endpoint.auditedAs,
      let missed = audit.pace.take(action, at: Clock.wallTime, now: Clock.now)
    else { return }
    var record = record(action, names, request)
    record.result = .refused
    record.detail = Self.message(of: answer)
    append(missed + [record])
  }

  private func record(
    _ action: String, _ names: [String], _ request: AdminRequest
  ) -> AuditRecord {
    let actor = request.actor
    return AuditRecord(
      at: Clock.wallTime, source: request.auditSource,
      actor: actor.name.isEmpty ? "unknown" : actor.name, role: actor.role?.rawValue,
      from: actor.token.map { "\(actor.from), token \($0)" } ?? actor.from, action: action,
      subject: subject(names, request), result: .unknown)
  }

  /// What the path names, or else the body.
  private func subject(_ names: [String], _ request: AdminRequest) -> String? {
    if !names.isEmpty { return names.joined(separator: "/") }
    let body = AuditedBody(request)
    return body?.address ?? body?.path ?? body?.name ?? body?.channel
      ?? AlertedBody(request)?.subject
  }

  /// Only where the call itself heeds it: elsewhere the word would hide a change.
  private func isDryRun(_ endpoint: Endpoint, _ request: AdminRequest) -> Bool {
    switch endpoint {
    case .promote, .restore, .orderDrill: AuditedBody(request)?.dryRun == true
    default: false
    }
  }

  private static func result(of status: Int) -> AuditRecord.Result {
    switch status {
    case ..<300: .done
    case ..<500: .refused
    default: .failed
    }
  }

  private static func message(of answer: AdminAnswer) -> String? {
    guard answer.status >= 300, case .whole(let bytes) = answer.content else { return nil }
    return AdminJSON.decode(ErrorAnswer.self, bytes)?.error.message
  }

  // MARK: By a file or a signal

  /// Reads the file again because the keeper was told to.
  func auditedReload() async {
    let before = AuditPicture.configuration(loaded, number: configurationNumber)
    let result = await reload()
    var record = AuditRecord(
      at: Clock.wallTime, source: .signal, actor: "unknown", from: "SIGHUP",
      action: "config.reload", subject: loaded.path)
    (record.before, record.after) = before.change(
      to: .configuration(loaded, number: configurationNumber))
    if case .failure(let refusal) = result {
      record.result = .refused
      record.after = nil
      record.detail = refusal.message
    }
    append([record])
  }

  /// A beginning with another configuration than the last engine ended with.
  func auditBeginning(from former: Int64?, to number: Int64) {
    append([
      AuditRecord(
        at: Clock.wallTime, source: .file, actor: "unknown", from: loaded.path,
        action: "config.start", subject: loaded.path, before: former.map { #"{"number":\#($0)}"# },
        after: #"{"number":\#(number)}"#)
    ])
  }

  // MARK: By itself

  /// What the machine decided and does.
  func decided(
    _ action: String, _ subject: String? = nil, before: JSONTree? = nil, after: JSONTree? = nil,
    result: AuditRecord.Result = .done, because detail: String? = nil
  ) {
    guard let missed = audit.pace.take(action, at: Clock.wallTime, now: Clock.now) else { return }
    append(
      missed + [
        AuditRecord(
          at: Clock.wallTime, source: .machine, actor: "ballast", from: "engine \(getpid())",
          action: action, subject: subject, before: before?.text, after: after?.text,
          result: result, detail: detail)
      ])
  }

  private func append(_ records: [AuditRecord], finished: [Int64] = []) {
    // Another engine has the log.
    guard !isRetired else { return }
    for record in records {
      audit.counts[AuditCount(source: record.source, result: record.result), default: 0] += 1
    }
    recorder.writer.write(
      .audit(records, keep: loaded.settings.audit.keep, finished: finished))
  }
}

/// What bodies have that says what they are about.
private struct AuditedBody: Decodable {
  var dryRun: Bool?
  var address: String?
  var path: String?
  var name: String?
  var channel: String?

  /// Whole texts are about no one thing.
  fileprivate static let longest = 64 << 10

  init?(_ request: AdminRequest) {
    guard request.body.count <= Self.longest,
      let body = AdminJSON.decode(AuditedBody.self, request.body)
    else { return nil }
    self = body
  }
}

/// What orders about alerts have.
private struct AlertedBody: Decodable {
  var match: [String: String]?
  var alerts: [String]?

  init?(_ request: AdminRequest) {
    guard request.body.count <= AuditedBody.longest,
      let body = AdminJSON.decode(AlertedBody.self, request.body)
    else { return nil }
    self = body
  }

  var subject: String? {
    if let alerts, let first = alerts.first {
      return alerts.count == 1 ? first : "\(alerts.count) alerts"
    }
    return match.map { labels in
      labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
  }
}

extension AdminRequest {
  /// By what the other side says of itself.
  var auditSource: AuditRecord.Source {
    if origin != nil || fetchSite != nil { return .dashboard }
    return isCommand ? .command : .api
  }
}

extension JSONTree {
  var text: String? { AdminJSON.encode(self).map { String(decoding: $0, as: UTF8.self) } }
}
