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
    guard let fault = open[.server(name)] else {
      beginServer(
        name, .serverUnhealthy, .unhealthy, cause: cause, began: began, others: others, now: now,
        &output)
      return
    }
    // Its process ended, say: that checks fail follows from it.
    change(.server(name), &output) { fault in
      fault.signs.insert(.unhealthy)
      // Workers were right to leave it out.
      guard fault.record.type == .serverEjected else { return }
      fault.record.type = .serverUnhealthy
      fault.record.append("its checks fail as well: \(cause)", now: now)
    }
    goOn(name, after: fault, cause: cause, now: now, &output)
  }

  mutating func serverHealthy(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("server-healthy", name, "\(name) is healthy", now: now, &output)
    recovered(name, now: now, &output)
  }

  mutating func serverEjected(
    _ name: ServerName, cause: String, time: TimeSpan, others: Int, now: WallTime,
    _ output: inout Output
  ) {
    let span = TimeSpan.milliseconds(max(0, time.milliseconds))
    let (sentence, until) = ("left out for \(span): \(cause)", now.adding(span))
    note(
      "server-ejected", name, "\(name) is \(sentence)", severity: .warning, now: now, &output)
    guard !stopping.contains(name) else { return }
    if let fault = open[.server(name)] {
      // Other workers come to the same, some of them a moment later.
      let isNews = !fault.signs.contains(.ejected)
      change(.server(name), &output) { fault in
        fault.signs.insert(.ejected)
        if isNews { fault.record.append(sentence, now: now) }
      }
      goOn(name, after: fault, cause: cause, now: now, &output)
    } else {
      beginServer(
        name, .serverEjected, .ejected, cause: cause, began: now, others: others, now: now, &output)
    }
    let former = open[.server(name)]?.ejectedUntil
    open[.server(name)]?.ejectedUntil = max(former ?? until, until)
  }

  mutating func serverReadmitted(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("server-readmitted", name, "\(name) takes its share again", now: now, &output)
    lose(.ejected, name, action: "takes its share again", now: now, &output)
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
      beginServer(
        name, .replicaExited, .exited, cause: exit, began: now, others: others, now: now, &output)
      return
    }
    let explains =
      fault.record.type == .serverUnhealthy || fault.record.type == .serverEjected
    let isSoon = now - fault.record.detected <= Self.causeWindow
    let cause = told(exit, .server(name))
    change(.server(name), &output) { fault in
      fault.signs.insert(.exited)
      if explains, isSoon {
        fault.record.type = .replicaExited
        Self.infer(cause, for: &fault.record, now: now)
      } else {
        fault.record.append("its process ended: \(exit)", now: now)
      }
    }
    goOn(name, after: fault, cause: exit, now: now, &output)
  }

  mutating func replicaStarted(
    _ name: ServerName, pid: Int, now: WallTime, _ output: inout Output
  ) {
    stopping.remove(name)
    note("replica-started", name, "\(name) started as pid \(pid)", now: now, &output)
    act(.server(name), "started again as pid \(pid)", now: now, &output)
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
    act(.server(name), "stopped: \(reason)", now: now, &output)
  }

  mutating func crashLoopBegan(
    _ name: ServerName, cause: String, now: WallTime, _ output: inout Output
  ) {
    note(
      "crash-loop", name, "\(name) ends again and again: \(cause)", severity: .error, now: now,
      &output)
    guard let fault = open[.server(name)] else {
      begin(
        .server(name), .crashLoop, cause: cause, began: now, now: now, signs: .looping, &output)
      return fold(name, now: now, &output)
    }
    change(.server(name), &output) { fault in
      fault.signs.insert(.looping)
      fault.record.type = .crashLoop
      Self.infer(cause, for: &fault.record, now: now)
    }
    goOn(name, after: fault, cause: cause, now: now, &output)
  }

  mutating func crashLoopEnded(_ name: ServerName, now: WallTime, _ output: inout Output) {
    note("crash-loop-ended", name, "\(name) runs steadily again", now: now, &output)
    lose(.looping, name, action: "runs steadily again", now: now, &output)
  }

  private mutating func beginServer(
    _ name: ServerName, _ type: FaultRecord.Kind, _ sign: Signs, cause: String, began: WallTime,
    others: Int, now: WallTime, _ output: inout Output
  ) {
    let isOpen = begin(
      .server(name), type, cause: cause, began: began, now: now,
      actions: [Self.traffic(others)], signs: sign, &output)
    if isOpen { fold(name, now: now, &output) }
  }

  /// Another sign of an open fault; of one that recovered, its return.
  private mutating func goOn(
    _ name: ServerName, after before: OpenFault, cause: String, now: WallTime,
    _ output: inout Output
  ) {
    guard before.record.recovered != nil else { return }
    comeBack(.server(name), cause: cause, now: now, &output)
    fold(name, now: now, &output)
  }

  /// Healthy is what neither runs into the ground nor has to prove itself: workers forgive a server
  /// that its checks find well.
  private mutating func recovered(_ name: ServerName, now: WallTime, _ output: inout Output) {
    stopping.remove(name)
    lose(
      [.unhealthy, .exited, .ejected], name, action: "healthy again", now: now, &output)
  }

  private mutating func lose(
    _ signs: Signs, _ name: ServerName, action: String, now: WallTime, _ output: inout Output
  ) {
    guard let fault = open[.server(name)], fault.record.recovered == nil else { return }
    open[.server(name)]?.signs.subtract(signs)
    guard fault.signs.subtracting(signs).isEmpty else { return }
    recover(.server(name), action: action, now: now, &output)
  }

  private static func traffic(_ others: Int) -> String {
    switch others {
    case ...0: "no other server takes work"
    case 1: "traffic moved to 1 other server"
    default: "traffic moved to \(others) other servers"
    }
  }
}
