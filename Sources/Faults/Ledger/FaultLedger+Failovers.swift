import Primitives

/// Services with one active server: a failover is one fault, from the first sign of the trouble to the
/// moment at which another server is active.
extension FaultLedger {
  mutating func failoverBegan(
    _ name: ServerName, cause: String, now: WallTime, _ output: inout Output
  ) {
    // What is known of the server tells more than that it failed, and since when.
    let fault = open[.server(name)]?.record
    let why = "\(name.server) failed: \(fault?.cause ?? cause)"
    note(
      "failover", name, "\(name.service) fails over: \(why)", severity: .error, now: now, &output)
    let action = "\(name.server) takes no more requests"
    guard open[.service(name.service)] != nil else {
      begin(
        .service(name.service), .failover, cause: why, began: fault?.began ?? now, now: now,
        actions: [action], &output)
      placeOutage(of: name.service, now: now, &output)
      return
    }
    // It was down already, for want of a server that could take over.
    change(.service(name.service), &output) { fault in
      fault.record.type = .failover
      fault.record.recovered = nil
      fault.record.append(action, now: now)
    }
  }

  mutating func promotionBegan(
    _ name: ServerName, epoch: UInt64, now: WallTime, _ output: inout Output
  ) {
    note("promotion-began", name, "\(name) is being promoted, epoch \(epoch)", now: now, &output)
    act(
      .service(name.service), "promotion of \(name.server) began, epoch \(epoch)", now: now, &output
    )
  }

  /// A promotion that was no fault so far is one now: nobody is active.
  mutating func promotionFailed(
    _ name: ServerName, epoch: UInt64, detail: String, retryIn: TimeSpan?, now: WallTime,
    _ output: inout Output
  ) {
    let next = retryIn.map { "; all are tried again in \($0)" } ?? ""
    note(
      "promotion-failed", name, "\(name) could not be promoted, epoch \(epoch): \(detail)\(next)",
      severity: .error, now: now, &output)
    let cause = "\(name.server) could not be promoted: \(detail)"
    if open[.service(name.service)] == nil {
      begin(
        .service(name.service), .failover, cause: cause, began: now, now: now, &output)
    }
    act(.service(name.service), cause + next, now: now, &output)
  }

  mutating func serverActivated(
    _ name: ServerName, epoch: UInt64, vacantFor: TimeSpan, detail: String, now: WallTime,
    _ output: inout Output
  ) {
    let said = detail.isEmpty ? "" : ": \(detail)"
    let after = "after \(TimeSpan.milliseconds(vacantFor.milliseconds)) without an active server"
    note("server-active", name, "\(name) is active, epoch \(epoch), \(after)", now: now, &output)
    resolve(
      .service(name.service), action: "\(name.server) is active, epoch \(epoch), \(after)\(said)",
      now: now, &output)
  }
}
