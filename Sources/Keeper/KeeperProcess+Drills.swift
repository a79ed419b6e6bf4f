import CLinux
import Glibc
import Primitives
import Supervision

/// Drills: what happens to replicas by order, as if by itself.
extension KeeperProcess {
  mutating func drill(_ name: String, _ drill: ReplicaDrill) {
    guard let replica = replicas[name], !replica.state.stopping else {
      return tell(.drilled(replica: name, problem: "\(name) does not run"))
    }
    let pid = replica.state.pid
    var result: Int32 = 0
    switch drill {
    case .kill: result = process_group_signal(pid, SIGKILL)
    case .freeze(let milliseconds):
      // The end is known before the beginning is done.
      let span = min(max(milliseconds, 1), LinkLimits.freezeMilliseconds)
      replicas[name]?.thawAt = ProcessClock.now + .milliseconds(span)
      result = process_group_signal(pid, SIGSTOP)
    case .thaw: thaw(name)
    }
    let problem = result < 0 ? "\(SystemError(code: -result))" : nil
    tell(.drilled(replica: name, problem: problem))
  }

  /// Lets a replica go on that a drill holds.
  mutating func thaw(_ name: String) {
    guard let replica = replicas[name], replica.thawAt != nil else { return }
    replicas[name]?.thawAt = nil
    _ = process_group_signal(replica.state.pid, SIGCONT)
  }
}
