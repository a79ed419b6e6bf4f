import Audit
import Configuration
import EventLoop
import Faults
import Outbound
import Primitives
import Store

/// The end of the audit log, kept where whoever can write the state can't.
extension ControlPlane {
  static let webhookPatience = TimeSpan.seconds(10)

  /// At the beginning, and after a reload that changes something of it.
  func followAuditHeads() {
    if let timer = audit.timer { reactor.cancel(timer) }
    audit.timer = nil
    let settings = loaded.settings.audit.head
    guard settings.file != nil || settings.webhook != nil else { return }
    audit.timer = reactor.schedule(after: settings.every) {
      self.audit.timer = nil
      guard !self.isRetired else { return }
      Task {
        await self.exportAuditHead()
        self.followAuditHeads()
      }
    }
  }

  /// Sends what is new to those who have not got it.
  func exportAuditHead() async {
    guard let head = try? await recorder.store.auditHead().head, head.number > 0, !isRetired else {
      return
    }
    let settings = loaded.settings.audit.head
    if let path = settings.file { await write(head, to: path) }
    if let webhook = settings.webhook { send(head, to: webhook) }
  }

  private func write(_ head: AuditHead, to path: String) async {
    guard audit.file.exported != head, !audit.file.isUnderWay else { return }
    audit.file.isUnderWay = true
    defer { audit.file.isUnderWay = false }
    let now = Clock.wallTime
    do throws(StoreError) {
      try await apart { () throws(StoreError) in
        try AuditHeadFile(path: path).append(head, at: now)
      }
      exported(head, \.file, at: now)
    } catch {
      exportFailed(\.file, "\(error)")
    }
  }

  private func send(_ head: AuditHead, to webhook: AuditHeadSettings.Webhook) {
    guard audit.webhook.exported != head, !audit.webhook.isUnderWay else { return }
    let now = Clock.wallTime
    let body: JSONTree = [
      "number": .number(Int(head.number)), "hash": .text("\(head.hash)"), "at": .text("\(now)"),
      "instance": .text(containers.instance),
    ]
    var headers = [OutboundHeader("Content-Type", "application/json")]
    if let value = webhook.authorization {
      headers.append(OutboundHeader("Authorization", value))
    }
    let patience = Int(Self.webhookPatience.milliseconds)
    let request = OutboundRequest(
      .post, webhook.url, headers: headers, body: AdminJSON.encode(body) ?? [],
      timeoutMilliseconds: patience, bodyLimitBytes: 64 << 10)
    do throws(OutboundError) {
      audit.webhook.isUnderWay = true
      _ = try responders.begin(OutboundProbe(request, goal: .head)) { outcome in
        self.audit.webhook.isUnderWay = false
        switch outcome {
        case .success(let answer) where answer.succeeded: self.exported(head, \.webhook, at: now)
        case .success(let answer): self.exportFailed(\.webhook, "it answers \(answer.status)")
        case .failure(let error): self.exportFailed(\.webhook, "\(error)")
        }
      }
    } catch {
      audit.webhook.isUnderWay = false
      exportFailed(\.webhook, "\(error)")
    }
  }

  private func exported(
    _ head: AuditHead, _ target: WritableKeyPath<AuditKeeping, AuditTarget>, at time: WallTime
  ) {
    audit[keyPath: target].exported = head
    audit[keyPath: target].at = time
    audit[keyPath: target].counts["success", default: 0] += 1
    guard audit[keyPath: target].problem != nil else { return }
    audit[keyPath: target].problem = nil
    recorder.note(
      "audit-head-exported",
      "the \(audit[keyPath: target].name) of the audit log's heads takes them again")
  }

  /// The next turn tries again; the first failure is told.
  private func exportFailed(
    _ target: WritableKeyPath<AuditKeeping, AuditTarget>, _ problem: String
  ) {
    audit[keyPath: target].counts["failure", default: 0] += 1
    let isNews = audit[keyPath: target].problem == nil
    audit[keyPath: target].problem = problem
    guard isNews else { return }
    recorder.note(
      "audit-head-failed", .error,
      "the \(audit[keyPath: target].name) of the audit log's heads does not take them: \(problem)")
  }
}
