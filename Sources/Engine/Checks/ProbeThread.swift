import EventLoop
import Outbound

/// The thread that looks at servers over TLS, so that handshakes don't hold up the control plane.
/// It begins with the first such check. For the event loop's thread only.
final class ProbeThread {
  typealias Outcome = Result<OutboundResponse, OutboundError>

  private struct Begun {
    let loop: ProbeLoop
    let outcomes: Mailbox<(number: UInt64, outcome: Outcome)>
  }

  private let reactor: Reactor
  private var begun: Begun?
  private var waiting: [UInt64: (Outcome) -> Void] = [:]

  init(on reactor: Reactor) { self.reactor = reactor }

  /// Calls `ended` once, or never after `cancel`.
  /// - Throws: a sentence when there can be no such thread.
  func begin(
    _ probe: OutboundProbe, ended: @escaping (Outcome) -> Void
  ) throws(OutboundError) -> UInt64 {
    let begun = try begin()
    let number = begun.loop.begin(probe) { begun.outcomes.send(($0, $1)) }
    waiting[number] = ended
    return number
  }

  func cancel(_ number: UInt64) {
    if waiting.removeValue(forKey: number) != nil { begun?.loop.cancel(number) }
  }

  private func begin() throws(OutboundError) -> Begun {
    if let begun { return begun }
    let loop = try ProbeLoop()
    do throws(EventLoop.SystemError) {
      let new = Begun(loop: loop, outcomes: try Mailbox())
      try reactor.watch(new.outcomes.wakeUp.descriptor, .readable) { [self] _ in
        for (number, outcome) in new.outcomes.takeAll() {
          waiting.removeValue(forKey: number)?(outcome)
        }
      }
      try LoopThread.start("probes") { loop.run() }
      begun = new
      return new
    } catch {
      throw .other("\(error)")
    }
  }
}
