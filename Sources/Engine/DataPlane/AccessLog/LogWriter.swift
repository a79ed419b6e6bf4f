import Configuration
import EventLoop
import Primitives
import Synchronization

/// The thread's side of a log file.
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
  private let path: String?
  private let rotation: LogSettings.Rotation?

  init(path: String?, rotation: LogSettings.Rotation?, lost: LostLines) throws(SystemError) {
    self.path = path
    self.rotation = rotation
    self.lost = lost
    mailbox = try Mailbox()
  }

  /// A thread that can't begin takes nothing, so that its lines are soon refused and counted as lost.
  func run() throws(SystemError) {
    var target = LogTarget(path: path, rotation: rotation)
    // What can be said now is said to whoever changed the configuration.
    if let failure = target.open(Clock.now), !failure.passes { throw failure.error }
    let opened = target
    try LoopThread.start("access-log") { [self] in
      guard let poller = try? Poller() else { return }
      _ = poller.watchReadable(mailbox.wakeUp.descriptor, token: 0)
      write(poller, opened)
    }
  }

  private func write(_ poller: borrowing Poller, _ opened: LogTarget) {
    var target = opened
    while true {
      _ = poller.wait(milliseconds: -1)
      for message in mailbox.takeAll() {
        switch message {
        case .text(let text):
          lost.add(target.write(text, Clock.now))
          pending.subtract(text.count, ordering: .relaxed)
        case .reopen: target.reopen(Clock.now)
        case .rotation(let rotation): target.rotation = rotation
        case .end:
          target.close()
          return
        }
      }
    }
  }
}
