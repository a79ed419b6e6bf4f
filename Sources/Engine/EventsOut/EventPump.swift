import Configuration
import EventLoop
import Messaging
import Primitives
import Store
import Synchronization

/// What people are told of a sink.
struct SinkNotice: Sendable {
  var sink: String
  var notice: DeliveryMachine.Notice
}

/// Takes messages for one sink out of the store, in their order, and goes on only when they are
/// acknowledged, or can't ever be. Runs beside the control plane, which it never holds up.
final class EventPump: Sendable {
  /// Of one batch: a transaction, or so many acknowledgements.
  static let batchMessages = 100
  static let batchBytes = 512 << 10
  /// Before the store is asked again after it failed.
  static let storePause = TimeSpan.seconds(1)

  let name: String
  private let store: Store
  private let thread: SinkThread
  private let machine: Mutex<DeliveryMachine>
  private let content: Mutex<Set<EventSinkSettings.Content>>
  private let lastDelivered = Mutex<WallTime?>(nil)
  private let notify: @Sendable (SinkNotice) -> Void
  private let news: AsyncStream<Void>
  private let wakening: AsyncStream<Void>.Continuation
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(
    _ target: SinkTarget, store: Store, seed: UInt64,
    notify: @escaping @Sendable (SinkNotice) -> Void
  ) throws(EventLoop.SystemError) {
    name = target.settings.name
    self.store = store
    thread = try SinkThread(target)
    machine = Mutex(DeliveryMachine(seed: seed))
    content = Mutex(target.settings.content)
    self.notify = notify
    (news, wakening) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func run() throws(EventLoop.SystemError) {
    try thread.run()
    let running = Task.detached { await self.pump() }
    task.withLock { $0 = running }
  }

  /// There may be something new in the store.
  func wake() { wakening.yield() }

  func retarget(_ target: SinkTarget) {
    content.withLock { $0 = target.settings.content }
    thread.retarget(target)
    wake()
  }

  /// What is under way may still arrive; it comes again with the next engine.
  func stop() {
    task.withLock { $0 }?.cancel()
    thread.stop()
  }

  struct Shown: Sendable {
    var server: String?
    var isFailing: Bool
    var lastError: String?
    var retries: UInt64
    var lastDelivered: WallTime?
  }

  var shown: Shown {
    let (isFailing, error, retries) = machine.withLock { ($0.isFailing, $0.lastError, $0.retries) }
    return Shown(
      server: thread.server, isFailing: isFailing, lastError: error, retries: retries,
      lastDelivered: lastDelivered.withLock { $0 })
  }

  // MARK: Pumping

  private func pump() async {
    var iterator = news.makeAsyncIterator()
    while !Task.isCancelled {
      let batch: OutgoingBatch
      do throws(StoreError) {
        batch = try await store.outgoing(
          for: name, count: Self.batchMessages, bytes: Self.batchBytes)
      } catch {
        // The control plane tells of the store. After its end there is nothing more to do.
        await pause(Self.storePause)
        continue
      }
      tell(machine.withLock { $0.dropped(total: batch.dropped, now: Clock.now) })
      guard let last = batch.records.last?.number else {
        guard await iterator.next() != nil else { return }
        continue
      }
      await deliver(batch.records, upTo: last)
    }
  }

  private func deliver(_ records: [OutgoingRecord], upTo last: Int64) async {
    let wanted = content.withLock { $0 }
    let messages = records.filter { wanted.contains($0.content) }.map { record in
      SinkMessage(
        number: record.number, id: record.id, topic: record.topic, body: Array(record.body.utf8))
    }
    let outcome = messages.isEmpty ? .delivered : await thread.deliver(messages)
    var (delivered, dropped, failure) = (messages.count, 0, String?.none)
    switch outcome {
    case .delivered: break
    case .interrupted(let count): delivered = count
    case .failed(let reason, let count): (delivered, failure) = (count, reason)
    case .refused(.later(let reason), let count): (delivered, failure) = (count, reason)
    case .refused(.tooLarge, let count): (delivered, dropped) = (count, 1)
    }
    // Also what the sink doesn't want and what comes before the next that it does.
    let next = delivered + dropped
    let done = messages.indices.contains(next) ? messages[next].number - 1 : last
    await keep(
      upTo: done, delivered: delivered, dropped: dropped,
      all: records.map(\.number).filter { $0 <= done })
    if delivered > 0 { lastDelivered.withLock { $0 = Clock.wallTime } }
    if case .interrupted = outcome { return }
    let action = machine.withLock {
      $0.handle(
        failure.map { .failed($0, delivered: delivered) } ?? .delivered(delivered), now: Clock.now)
    }
    tell(action.notice)
    if action.pause > .zero { await pause(action.pause) }
  }

  /// What isn't kept comes again, as after an end in the midst of it.
  private func keep(
    upTo number: Int64, delivered: Int, dropped: Int, all: [Int64]
  ) async {
    try? await store.told(
      name, upTo: number, delivered: delivered, dropped: dropped, all: all)
  }

  private func tell(_ notice: DeliveryMachine.Notice?) {
    if let notice { notify(SinkNotice(sink: name, notice: notice)) }
  }

  private func pause(_ span: TimeSpan) async {
    try? await Task.sleep(for: .milliseconds(span.milliseconds))
  }
}

extension OutgoingRecord {
  /// What a sink chooses by.
  var content: EventSinkSettings.Content { topic.hasPrefix("fault.") ? .faults : .events }
}
