internal import AdminAPI

/// What `scale` and `restart` wait for, judged from one look at the service.
enum RolloutGoal: Equatable {
  /// So many replicas, all ready.
  case count(Int)
  /// None of these processes runs any more, and all replicas are ready.
  case replaced(pids: Set<Int>)

  enum Verdict: Equatable {
    case waiting(String)
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
    let reached: Bool
    switch self {
    case .count(let wanted):
      text = "\(name): \(counts.ready)/\(wanted) replicas ready"
      reached = settled && counts.desired == wanted
    case .replaced(let pids):
      let fresh = detail.replicas.count { replica in
        replica.state == "ready" && replica.pid.map { !pids.contains($0) } == true
      }
      text = "\(name): \(fresh)/\(counts.desired) replicas restarted"
      reached = settled && !detail.replicas.contains { $0.pid.map(pids.contains) == true }
    }
    if reached { return .done(text) }
    if let replica = detail.replicas.first(where: { $0.state == "crash-loop" }) {
      return .failing(replica: replica.name)
    }
    return .waiting(text)
  }
}
