internal import AdminAPI

/// What `scale` and `restart` wait for, judged from one look at the service.
enum RolloutGoal: Equatable {
  /// So many replicas, all ready.
  case count(Int)
  /// As many as are wanted, all ready.
  case settled
  /// None of these processes runs any more, and all replicas are ready.
  case replaced(pids: Set<Int>)

  enum Verdict: Equatable {
    /// So many of so many replicas are as they should be.
    case waiting(String, part: Int, whole: Int)
    case done(String)
    /// This replica ends again and again.
    case failing(replica: String)
  }

  func judge(_ detail: ServiceDetail) -> Verdict {
    let counts =
      detail.service.replicas ?? ServiceStatus.ReplicaCounts(desired: 0, running: 0, ready: 0)
    let settled = counts.running == counts.desired && counts.ready == counts.desired
    let name = HumanText.printable(detail.service.name)
    let text: String
    let (part, whole): (Int, Int)
    let reached: Bool
    switch self {
    case .count(let wanted):
      (part, whole) = (counts.ready, wanted)
      text = "\(name): \(part)/\(whole) replicas ready"
      reached = settled && counts.desired == wanted
    case .settled:
      (part, whole) = (counts.ready, counts.desired)
      text = "\(name): \(part)/\(whole) replicas ready"
      reached = settled
    case .replaced(let pids):
      whole = counts.desired
      part = detail.replicas.count { replica in
        replica.state == "ready" && replica.pid.map { !pids.contains($0) } == true
      }
      text = "\(name): \(part)/\(whole) replicas restarted"
      reached = settled && !detail.replicas.contains { $0.pid.map(pids.contains) == true }
    }
    if reached { return .done(text) }
    if let replica = detail.replicas.first(where: { $0.state == "crash-loop" }) {
      return .failing(replica: replica.name)
    }
    return .waiting(text, part: part, whole: whole)
  }
}
