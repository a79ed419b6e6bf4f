import EventLoop
import Primitives
import TLS

/// When the socket is read and written, and what its readiness means.
extension AdminConnection {
  var wantsToRead: Bool {
    switch phase {
    case .head, .body, .streaming: true
    case .answering, .closed: false
    }
  }

  func watch() {
    if case .closed = phase { return }
    var interest: Readiness = wantsToRead ? [.readable, .peerClosed] : []
    if sent < unsent.count || tls?.holdsOutput == true { interest.insert(.writable) }
    do {
      try reactor.watch(descriptor, interest) { [self] readiness in happened(readiness) }
    } catch {
      close()
    }
  }

  private func happened(_ readiness: Readiness) {
    if let tls, !tls.isEstablished { return shakeHands(tls) }
    if readiness.contains(.writable) { flush() }
    if case .closed = phase { return }
    if wantsToRead, !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]) {
      read()
    } else if !readiness.isDisjoint(with: .failed) {
      close()
    }
  }
}
