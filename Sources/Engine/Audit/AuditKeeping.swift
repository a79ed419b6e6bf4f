import AdminAPI
import Audit
import Primitives

/// What the control plane knows of the audit log besides the store.
struct AuditKeeping {
  /// Of the changes by the admin API that were begun, over this engine's life.
  var latest: Int64 = 0
  var pace = AuditPace()
  var counts: [AuditCount: UInt64] = [:]
  var isVerifying = false

  // MARK: Kept elsewhere

  var file = AuditTarget(name: "file")
  var webhook = AuditTarget(name: "webhook")
  var timer: UInt64?
}

struct AuditCount: Hashable, Sendable {
  var source: AuditRecord.Source
  var result: AuditRecord.Result
}

/// Somebody who gets the heads.
struct AuditTarget {
  let name: String
  var exported: AuditHead?
  var at: WallTime?
  var problem: String?
  var isUnderWay = false
  var counts: [String: UInt64] = ["success": 0, "failure": 0]

  func status(isSet: Bool) -> AuditHeadStatus.Export? {
    guard isSet else { return nil }
    return AuditHeadStatus.Export(
      target: name, number: exported?.number, at: at, problem: problem)
  }
}
