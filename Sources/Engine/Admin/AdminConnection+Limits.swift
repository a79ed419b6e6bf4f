import EventLoop
import Primitives

/// How long each step may take, and what happens then.
extension AdminConnection {
  func limit(to span: TimeSpan) {
    if let timer { reactor.cancel(timer) }
    timer = reactor.schedule(after: span) { [self] in
      timer = nil
      timeIsOver()
    }
  }

  private func timeIsOver() {
    switch phase {
    case .head where !received.isEmpty: refuse(408, "timeout", "the head did not come in time")
    case .body: refuse(408, "timeout", "the body did not come in time")
    case .streaming:
      let isStuck = sent < unsent.count && Clock.now - lastSend > AdminLimits.sendTime
      if isStuck { return close() }
      if case .logs = stream {} else { push(Array(": still here\n\n".utf8)) }
      if case .closed = phase { return }
      limit(to: AdminLimits.streamBeat)
    case .answering where sent == unsent.count && !endsAfterSending:
      // The answer is being made; that has limits of its own.
      limit(to: AdminLimits.sendTime)
    case .head, .answering, .closed: close()
    }
  }
}
