public import Primitives

/// A cause that is gone may come back: the fault is over when it stayed away.
extension FaultLedger {
  /// When `tick` has something to do; nil for never.
  public var nextDeadline: WallTime? {
    open.values.compactMap { fault in
      if let recovered = fault.record.recovered { return recovered.adding(policy.quiet) }
      guard fault.signs == .ejected else { return nil }
      return fault.ejectedUntil?.adding(Self.ejectionRest)
    }.min()
  }

  /// The cause is gone for now.
  mutating func recover(
    _ subject: Subject, action: String, now: WallTime, _ output: inout Output
  ) {
    guard let fault = open[subject], fault.record.recovered == nil else { return }
    guard policy.quiet > .zero else {
      return resolve(subject, action: action, now: now, &output)
    }
    change(subject, &output) { fault in
      fault.signs = []
      fault.record.append(action, now: now)
      fault.record.recovered = max(now, fault.record.began)
    }
    if let parent = fault.record.parent { followMembers(of: parent, now: now, &output) }
  }

  /// It was gone, and is there again.
  mutating func comeBack(
    _ subject: Subject, cause: String, now: WallTime, _ output: inout Output
  ) {
    guard open[subject]?.record.recovered != nil else { return }
    change(subject, &output) { fault in
      fault.since = now
      fault.record.recovered = nil
      fault.record.returns = (fault.record.returns ?? 0) &+ 1
      fault.record.append("came back: \(cause)", now: now)
    }
    keepOpen(open[subject]?.record.parent, &output)
  }

  /// What groups consist of; nil for all else.
  static func member(_ subject: Subject) -> ServerName? {
    if case .server(let name) = subject { return name }
    return nil
  }

  /// A group does not recover while one of its members is in trouble.
  mutating func keepOpen(_ root: Int64?, _ output: inout Output) {
    guard let root, let subject = subject(ofFault: root),
      open[subject]?.record.type.isGroup == true
    else { return }
    change(subject, &output) { $0.record.recovered = nil }
  }

  /// A group recovers with the last of its servers.
  mutating func followMembers(of root: Int64, now: WallTime, _ output: inout Output) {
    guard let subject = subject(ofFault: root), let group = open[subject],
      group.record.type.isGroup, group.record.recovered == nil
    else { return }
    let members = (beneath[root] ?? []).filter { Self.member($0) != nil }
    guard members.allSatisfy({ open[$0]?.record.recovered != nil }) else { return }
    recover(
      subject, action: "all of its \(group.members.count) servers are well again, or gone",
      now: now,
      &output)
  }

  mutating func tick(now: WallTime, _ output: inout Output) {
    for subject in inOrder(open.keys) {
      guard let fault = open[subject] else { continue }
      if fault.signs == .ejected, let until = fault.ejectedUntil,
        now >= until.adding(Self.ejectionRest)
      {
        recover(subject, action: "nothing more was held against it", now: now, &output)
      }
    }
    // Roots first: what recovered beneath them is over with them.
    let due = open.keys.filter { isOver(open[$0], now: now) }
    let (roots, parts) = (
      due.filter { open[$0]?.record.parent == nil },
      due.filter { open[$0]?.record.parent != nil }
    )
    for subject in inOrder(roots) + inOrder(parts) { resolve(subject, now: now, &output) }
  }

  /// A clock that was set back by more than that makes no fault last.
  private func isOver(_ fault: OpenFault?, now: WallTime) -> Bool {
    guard let recovered = fault?.record.recovered else { return false }
    return now - recovered >= policy.quiet || recovered - now > policy.quiet
  }
}

extension WallTime {
  /// Saturates.
  func adding(_ span: TimeSpan) -> WallTime {
    let (sum, overflow) = milliseconds.addingReportingOverflow(span.milliseconds)
    return WallTime(milliseconds: overflow ? (span > .zero ? .max : .min) : sum)
  }
}
