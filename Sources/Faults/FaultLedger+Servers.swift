import Primitives

/// Servers and the replicas behind them.
extension FaultLedger {
  mutating func serverUnhealthy(
    _ name: ServerName, cause: String, began: WallTime, others: Int, now: WallTime,
    _ output: inout Output
  ) {
    note(
      "server-unhealthy", name, "\(name) is unhealthy: \(cause)", severity: .warning, now: now,
      &output)
    guard !stopping.contains(name) else { return }
    if open[.server(name)] != nil {
      // Its process ended, say: that checks fail follows from it.
      change(.server(name), &output) { fault in
        fault.healthy = false
      }
      return
    }
    begin(
      .server(name), .serverUnhealthy, cause: cause, began: began, now: now,
      actions: [Self.traffic(others)], &output)
  }

  mutating func serverHealthy(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("server-healthy", name, "\(name) is healthy", now: now, &output)
    recovered(name, now: now, &output)
  }

  mutating func replicaExited(
    _ name: ServerName, exit: String, others: Int, now: WallTime, _ output: inout Output
  ) {
    guard !stopping.contains(name) else {
      note("replica-exited", name, "\(name) ended as asked: \(exit)", now: now, &output)
      return
    }
    note("replica-exited", name, "\(name) ended: \(exit)", severity: .error, now: now, &output)
    guard let fault = open[.server(name)] else {
      begin(
        .server(name), .replicaExited, cause: exit, began: now, now: now,
        actions: [Self.traffic(others)], &output)
      return
    }
    let explains =
      fault.record.type == .serverUnhealthy && now - fault.record.detected <= Self.causeWindow
    let cause = told(exit, .server(name))
    change(.server(name), &output) { fault in
      fault.healthy = false
      if explains {
        fault.record.type = .replicaExited
        fault.record.cause = cause
      } else {
        Self.append("its process ended: \(exit)", to: &fault.record)
      }
    }
  }

  mutating func replicaStarted(
    _ name: ServerName, pid: Int, now: WallTime, _ output: inout Output
  ) {
    stopping.remove(name)
    note("replica-started", name, "\(name) started as pid \(pid)", now: now, &output)
    act(.server(name), "started again as pid \(pid)", &output)
  }

  mutating func replicaReady(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("replica-ready", name, "\(name) is ready", now: now, &output)
    recovered(name, now: now, &output)
  }

  mutating func replicaStopping(
    _ name: ServerName, reason: String, now: WallTime, _ output: inout Output
  ) {
    if stopping.count < Self.openLimit { stopping.insert(name) }
    note("replica-stopping", name, "\(name) stops: \(reason)", now: now, &output)
    act(.server(name), "stopped: \(reason)", &output)
  }

  mutating func crashLoopBegan(
    _ name: ServerName, cause: String, now: WallTime, _ output: inout Output
  ) {
    note(
      "crash-loop", name, "\(name) ends again and again: \(cause)", severity: .error, now: now,
      &output)
    guard open[.server(name)] != nil else {
      begin(
        .server(name), .crashLoop, cause: cause, began: now, now: now, loops: true, &output)
      return
    }
    change(.server(name), &output) { fault in
      fault.loops = true
      fault.healthy = false
      fault.record.type = .crashLoop
      fault.record.cause = Self.bounded(cause)
    }
  }

  mutating func crashLoopEnded(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("crash-loop-ended", name, "\(name) runs steadily again", now: now, &output)
    guard var fault = open[.server(name)] else { return }
    fault.loops = false
    open[.server(name)] = fault
    if fault.healthy { resolve(.server(name), now: now, &output) }
  }

  private mutating func recovered(_ name: ServerName, now: WallTime, _ output: inout Output) {
    stopping.remove(name)
    guard var fault = open[.server(name)] else { return }
    guard fault.loops else {
      resolve(.server(name), action: "healthy again", now: now, &output)
      return
    }
    fault.healthy = true
    open[.server(name)] = fault
  }

  private static func traffic(_ others: Int) -> String {
    switch others {
    case ...0: "no other server takes work"
    case 1: "traffic moved to 1 other server"
    default: "traffic moved to \(others) other servers"
    }
  }
}
