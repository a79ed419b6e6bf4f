import Primitives

/// Services as wholes, and Ballast itself.
extension FaultLedger {
  mutating func serviceDown(_ service: String, now: WallTime, _ output: inout Output) {
    guard open[.service(service)] == nil else { return }
    let servers = open.values.map(\.record).filter { $0.service == service && $0.server != nil }
      .sorted { $0.id < $1.id }
    let reasons = servers.prefix(5).map { "\($0.server ?? ""): \($0.cause)" }
    let more = servers.count > 5 ? " and \(servers.count - 5) more" : ""
    let cause =
      reasons.isEmpty
      ? "no healthy server takes work"
      : "no healthy server takes work (\(reasons.joined(separator: "; "))\(more))"
    note(
      "service-down", .error, service: service, "\(service) is down: \(cause)", now: now, &output)
    begin(.service(service), .serviceDown, cause: cause, began: now, now: now, &output)
  }

  mutating func serviceUp(_ service: String, now: WallTime, _ output: inout Output) {
    guard open[.service(service)] != nil else { return }
    note("service-up", .info, service: service, "\(service) takes work again", now: now, &output)
    resolve(.service(service), action: "a server takes work again", now: now, &output)
  }

  mutating func serviceUnwanted(_ service: String, now: WallTime, _ output: inout Output) {
    guard open[.service(service)] != nil else { return }
    note("service-idle", .info, service: service, "\(service) has no work to do", now: now, &output)
    resolve(.service(service), action: "no server is wanted any more", now: now, &output)
  }

  /// It is over when it can be told.
  mutating func engineRestarted(
    cause: String, ended: WallTime, adopted: Int, now: WallTime, _ output: inout Output
  ) {
    note("engine-crashed", .error, service: nil, "the engine ended: \(cause)", now: now, &output)
    var record = FaultRecord(
      id: nextFaultID(), type: .engineCrashed, service: "", began: min(ended, now), detected: now,
      cause: Self.bounded(cause),
      actions: [
        "started again", adopted == 1 ? "adopted 1 replica" : "adopted \(adopted) replicas",
      ])
    finish(&record, now: now)
    output.saves.append(record)
  }

  mutating func storeFailed(cause: String, now: WallTime, _ output: inout Output) {
    guard open[.store] == nil else { return }
    note("store-damaged", .error, service: nil, cause, now: now, &output)
    begin(.store, .storeDamaged, cause: cause, began: now, now: now, &output)
  }

  mutating func backupFailed(cause: String, now: WallTime, _ output: inout Output) {
    note("backup-failed", .error, service: nil, cause, now: now, &output)
    guard open[.backup] == nil else { return act(.backup, "failed again: \(cause)", &output) }
    begin(.backup, .backupFailed, cause: cause, began: now, now: now, &output)
  }

  /// What is in trouble now is what was in trouble a moment ago, whatever state is there: those faults
  /// go on under numbers that the new state doesn't have. What it has open beside them is over.
  mutating func stateReplaced(
    open restored: [FaultRecord], highestFaultID fault: Int64, highestEventID event: Int64,
    now: WallTime, _ output: inout Output
  ) {
    let present = open.sorted { $0.value.record.id < $1.value.record.id }
    highestFaultID = max(highestFaultID, fault)
    highestEventID = max(highestEventID, event)
    (open, kept) = ([:], [])
    restore(restored, now: now, &output)
    for subject in open.sorted(by: { $0.value.record.id < $1.value.record.id }).map(\.key) {
      resolve(subject, action: "over by the time that this state was restored", now: now, &output)
    }
    for (subject, fault) in present {
      var fault = fault
      fault.record.id = nextFaultID()
      open[subject] = fault
      output.saves.append(fault.record)
    }
  }
}
