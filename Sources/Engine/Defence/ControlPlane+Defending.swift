import EventLoop
import Faults
import Primitives
import Topology

/// What is said of clients that ask for too much.
extension ControlPlane {
  func acceptPaused(_ cause: AcceptPauses.Cause, _ connections: Int) {
    let what =
      switch cause {
      case .connections: "clients have all the connections that they may have"
      case .descriptors: "the system gives no more file descriptors"
      }
    say(
      "accept-paused", .accepting(cause),
      "no new connection is accepted for a moment: \(what); a worker has \(connections) open")
  }

  func limitExceeded(_ id: ListenerID, _ client: String, _ excess: LimitExcess) {
    guard identities.listeners.indices.contains(id.index) else { return }
    say(
      "request-too-large", .limit(id),
      "a request of \(client) at \(identities.listeners[id.index]) was refused: \(excess)")
  }

  private func say(_ type: String, _ subject: DefenceNotices.Subject, _ message: String) {
    switch defenceNotices.word(subject, now: Clock.now) {
    case .event: recorder.note(type, .warning, message)
    case .line: log.warning("\(type): \(message)")
    case .nothing: break
    }
  }
}
