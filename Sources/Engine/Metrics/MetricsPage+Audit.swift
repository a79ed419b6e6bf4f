import Audit
import Telemetry

/// What `/metrics` shows of the audit log.
extension MetricsPage {
  struct AuditFigures: Sendable {
    var counts: [AuditCount: UInt64] = [:]
    var exports: [Export] = []

    struct Export: Sendable {
      var target: String
      /// By result.
      var counts: [String: UInt64]
    }

    init(_ audit: AuditKeeping, file: Bool, webhook: Bool) {
      counts = audit.counts
      if file { exports.append(Export(target: audit.file.name, counts: audit.file.counts)) }
      if webhook {
        exports.append(Export(target: audit.webhook.name, counts: audit.webhook.counts))
      }
    }
  }

  func addAudit(to page: inout Exposition) {
    guard let audit else { return }
    for source in AuditRecord.Source.allCases {
      for result in AuditRecord.Result.allCases {
        guard let count = audit.counts[AuditCount(source: source, result: result)] else { continue }
        page.counter(
          "ballast_audit_entries_total",
          help: "Entries of the audit log that this engine made, by what the change came by.",
          labels: ["source": source.rawValue, "result": result.rawValue], count: count)
      }
    }
    for export in audit.exports {
      for (result, count) in export.counts.sorted(by: { $0.key < $1.key }) {
        page.counter(
          "ballast_audit_head_exports_total",
          help: "Heads of the audit log that were to be kept elsewhere, by target and result.",
          labels: ["target": export.target, "result": result], count: count)
      }
    }
  }
}
