import Configuration
import EventLoop
import Primitives
import Synchronization

/// The thread's side of a log.
final class LogWriter: Sendable {
  enum Message: Sendable {
    case text([UInt8])
    case reopen
    case rotation(LogSettings.Rotation?)
    case end
  }

  let mailbox: Mailbox<Message>
  let pending = Atomic<Int>(0)
  let lost: LostLines
  private let destination: any LogDestination

  init(_ destination: some LogDestination, lost: LostLines) throws(SystemError) {
    self.destination = destination
    self.lost = lost
    mailbox = try Mailbox()
  }

  /// A thread that can't begin takes nothing, so that its lines are soon refused and counted as lost.
  func run(_ name: String) throws(SystemError) {
    var target = destination
    // What can be said now is said to whoever changed the configuration.
    if let failure = target.open(Clock.now), !failure.passes { throw failure.error }
    let opened = target
    try LoopThread.start(name) { [self] in
      guard let poller = try? Poller() else { return }
      _ = poller.watchReadable(mailbox.wakeUp.descriptor, token: 0)
      write(poller, opened)
    }
  }

  private func write(_ poller: borrowing Poller, _ opened: any LogDestination) {
    var target = opened
    while true {
      _ = poller.wait(milliseconds: -1)
      for message in mailbox.takeAll() {
        switch message {
        case .text(let text):
          lost.add(target.write(text, Clock.now))
          pending.subtract(text.count, ordering: .relaxed)
        case .reopen: target.reopen(Clock.now)
        case .rotation(let rotation): target.rotate(by: rotation)
        case .end:
          target.close()
          return
        }
      }
    }
  }
}
