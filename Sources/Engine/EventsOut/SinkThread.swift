import Configuration
import EventLoop
import Messaging
import Primitives
import Synchronization

/// The thread that speaks to one sink, so that a slow name server, handshake or answer holds up
/// nobody. It keeps the connection between batches, and lasts until `stop`.
final class SinkThread: Sendable {
  enum Outcome: Sendable {
    /// All of them.
    case delivered
    /// The first ones were, and the next one was not.
    case refused(SinkRefusal, delivered: Int)
    case failed(String, delivered: Int)
    /// It is stopped, or has another target: they are to be given again.
    case interrupted(delivered: Int)
  }

  private struct Job {
    var messages: [SinkMessage]
    var answer: CheckedContinuation<Outcome, Never>
  }

  private struct Inbox {
    var job: Job?
    var target: SinkTarget
    /// Counts the targets.
    var version = 0
    var isStopped = false
    /// Who is spoken to; nil for nobody.
    var server: String?
  }

  private let inbox: Mutex<Inbox>
  private let wakeUp: WakeUp

  init(_ target: SinkTarget) throws(EventLoop.SystemError) {
    inbox = Mutex(Inbox(target: target))
    wakeUp = try WakeUp()
  }

  func run() throws(EventLoop.SystemError) {
    try LoopThread.start("event sink") { self.loop() }
  }

  /// One batch at a time.
  func deliver(_ messages: [SinkMessage]) async -> Outcome {
    await withCheckedContinuation { answer in
      let isTaken = inbox.withLock { inbox in
        guard !inbox.isStopped, inbox.job == nil else { return false }
        inbox.job = Job(messages: messages, answer: answer)
        return true
      }
      guard isTaken else { return answer.resume(returning: .interrupted(delivered: 0)) }
      wakeUp.signal()
    }
  }

  /// From the next batch on; one that is under way is broken off, and comes again.
  func retarget(_ target: SinkTarget) {
    let isOther = inbox.withLock { inbox in
      guard !inbox.target.isSame(as: target) else { return false }
      inbox.target = target
      inbox.version += 1
      return true
    }
    if isOther { wakeUp.signal() }
  }

  func stop() {
    inbox.withLock { $0.isStopped = true }
    wakeUp.signal()
  }

  var server: String? { inbox.withLock { $0.server } }

  // MARK: On the thread

  private func loop() {
    var connection: SinkConnection?
    var version = 0
    var place = 0
    while true {
      wakeUp.clear()
      let (job, target, newest, isStopped) = inbox.withLock { inbox in
        defer { inbox.job = nil }
        return (inbox.job, inbox.target, inbox.version, inbox.isStopped)
      }
      if isStopped {
        job?.answer.resume(returning: .interrupted(delivered: 0))
        return
      }
      let interrupt = SinkInterrupt(wakeUp: wakeUp) {
        self.inbox.withLock { $0.isStopped || $0.version != newest }
      }
      if newest != version { (connection, version, place) = (nil, newest, 0) }
      if let job {
        let outcome = carryOut(job.messages, target, interrupt, &connection, &place)
        show(connection)
        job.answer.resume(returning: outcome)
        continue
      }
      SinkConnection.wait(connection, wakeUp)
      do throws(SinkConnection.Problem) {
        try connection?.listen()
      } catch {
        connection = nil
      }
      show(connection)
    }
  }

  private func show(_ connection: SinkConnection?) {
    inbox.withLock { $0.server = connection.map { "\($0.server)" } }
  }

  /// - Parameter place: of the server that is tried; the next one after a failure.
  private func carryOut(
    _ messages: [SinkMessage], _ target: SinkTarget, _ interrupt: SinkInterrupt,
    _ connection: inout SinkConnection?, _ place: inout Int
  ) -> Outcome {
    let servers = target.settings.servers
    guard !servers.isEmpty else { return .failed("no server is named", delivered: 0) }
    do throws(SinkConnection.Problem) {
      let current: SinkConnection
      if let connection {
        current = connection
      } else {
        current = try SinkConnection.open(target, servers[place % servers.count], interrupt)
        connection = current
        show(current)
      }
      try current.send(messages)
      guard let refusal = current.refusal else { return .delivered }
      return .refused(refusal, delivered: current.acknowledged)
    } catch {
      let delivered = connection?.acknowledged ?? 0
      connection = nil
      switch error {
      case .interrupted: return .interrupted(delivered: delivered)
      case .failed(let failure):
        place = (place + 1) % servers.count
        return .failed(failure.description, delivered: delivered)
      }
    }
  }
}
