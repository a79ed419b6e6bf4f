import Primitives
import Topology

/// What workers say of clients that ask for too much: a line each second, an event each ten.
struct DefenceNotices {
  static let linePause = TimeSpan.seconds(1)
  static let eventPause = TimeSpan.seconds(10)

  enum Subject: Hashable {
    case accepting(AcceptPauses.Cause)
    case limit(ListenerID)
  }

  enum Word { case event, line, nothing }

  private var events: [Subject: Instant] = [:]
  private var lines: [Subject: Instant] = [:]

  mutating func word(_ subject: Subject, now: Instant) -> Word {
    if let before = lines[subject], now - before < Self.linePause { return .nothing }
    lines[subject] = now
    if let before = events[subject], now - before < Self.eventPause { return .line }
    events[subject] = now
    return .event
  }
}
