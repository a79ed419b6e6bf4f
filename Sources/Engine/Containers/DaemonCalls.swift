import EventLoop
import Primitives
import Synchronization

/// Calls to daemons of containers. They block, so each has a thread of its own, and the event loop never
/// waits. For the loop's thread only.
final class DaemonCalls {
  /// Under way at once; others wait for their turn.
  static let atOnce = 8

  /// Tells the loop of a call that goes on; from the call's thread.
  typealias Tell = @Sendable (ContainerNote) -> Void

  private enum Word: Sendable {
    case told(ContainerNote)
    case ended
  }

  private struct Running {
    var told: (ContainerNote) -> Void
    var ended: () -> Void
  }

  private let reactor: Reactor
  private var words: Mailbox<(UInt64, Word)>?
  private var waiting: [() -> Void] = []
  private var running: [UInt64: Running] = [:]
  private var latest: UInt64 = 0

  init(on reactor: Reactor) { self.reactor = reactor }

  /// Calls `done` once on the loop, after this has returned: with nil when no thread can be had.
  func run<Answer: Sendable>(
    _ work: @escaping @Sendable (Tell) -> Answer,
    told: @escaping (ContainerNote) -> Void = { _ in },
    done: @escaping (Answer?) -> Void
  ) {
    guard running.count < Self.atOnce else {
      waiting.append { self.begin(work, told, done) }
      return
    }
    begin(work, told, done)
  }

  private func begin<Answer: Sendable>(
    _ work: @escaping @Sendable (Tell) -> Answer, _ told: @escaping (ContainerNote) -> Void,
    _ done: @escaping (Answer?) -> Void
  ) {
    latest += 1
    let number = latest
    let answer = AnswerBox<Answer>()
    running[number] = Running(told: told) { done(answer.value) }
    do throws(EventLoop.SystemError) {
      let words = try mailbox()
      try LoopThread.start("daemon-call") {
        answer.put(work { words.send((number, .told($0))) })
        words.send((number, .ended))
      }
    } catch {
      reactor.schedule(after: .zero) { self.ended(number) }
    }
  }

  private func mailbox() throws(EventLoop.SystemError) -> Mailbox<(UInt64, Word)> {
    if let words { return words }
    let new = try Mailbox<(UInt64, Word)>()
    try reactor.watch(new.wakeUp.descriptor, .readable) { _ in
      for (number, word) in new.takeAll() {
        switch word {
        case .told(let note): self.running[number]?.told(note)
        case .ended: self.ended(number)
        }
      }
    }
    words = new
    return new
  }

  private func ended(_ number: UInt64) {
    guard let call = running.removeValue(forKey: number) else { return }
    if running.count < Self.atOnce, !waiting.isEmpty { waiting.removeFirst()() }
    call.ended()
  }
}

/// Where a call's thread leaves its answer.
private final class AnswerBox<Answer: Sendable>: Sendable {
  private let box = Mutex<Answer?>(nil)

  func put(_ answer: Answer) { box.withLock { $0 = answer } }
  var value: Answer? { box.withLock { $0 } }
}
