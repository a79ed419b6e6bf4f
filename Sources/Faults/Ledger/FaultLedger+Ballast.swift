import Primitives

/// Ballast itself: its engine, its state, its backups, its certificates.
extension FaultLedger {
  /// It is over when it can be told.
  mutating func engineRestarted(
    cause: String, ended: WallTime, adopted: Int, now: WallTime, _ output: inout Output
  ) {
    note("engine-crashed", .error, service: nil, "the engine ended: \(cause)", now: now, &output)
    let actions = [
      "started again", adopted == 1 ? "adopted 1 replica" : "adopted \(adopted) replicas",
    ]
    var record = FaultRecord(
      id: nextFaultID(), type: .engineCrashed, service: "", began: min(ended, now), detected: now,
      cause: FaultRecord.bounded(cause), actions: actions, actionTimes: actions.map { _ in now })
    finish(&record, since: now, now: now)
    output.saves.append(record)
  }

  mutating func storeFailed(cause: String, now: WallTime, _ output: inout Output) {
    guard open[.store] == nil else { return }
    note("store-damaged", .error, service: nil, cause, now: now, &output)
    begin(.store, .storeDamaged, cause: cause, began: now, now: now, &output)
  }

  mutating func backupFailed(cause: String, now: WallTime, _ output: inout Output) {
    note("backup-failed", .error, service: nil, cause, now: now, &output)
    guard open[.backup] == nil else {
      return act(.backup, "failed again: \(cause)", now: now, &output)
    }
    begin(.backup, .backupFailed, cause: cause, began: now, now: now, &output)
  }

  mutating func certificatesNearEnd(
    _ ending: [String: String], now: WallTime, _ output: inout Output
  ) {
    for (file, cause) in ending.sorted(by: { $0.key < $1.key }) {
      if open[.certificate(file)] == nil {
        begin(
          .certificate(file), .certificateExpiry, cause: cause, began: now, now: now, &output)
      } else {
        change(.certificate(file), &output) { Self.infer(cause, for: &$0.record, now: now) }
      }
    }
    let well = open.keys.filter { subject in
      if case .certificate(let file) = subject { return ending[file] == nil }
      return false
    }
    for subject in inOrder(well) {
      resolve(subject, action: "renewed, or no longer in use", now: now, &output)
    }
  }
}
