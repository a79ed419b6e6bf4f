public import Primitives

/// What is exported whole or not at all: the spans of one request.
public protocol ExportItem: Sendable {
  var spanCount: Int { get }
}

/// What goes to the collector when, and what becomes of it when that doesn't take it: batches, pauses that
/// grow, and an end to everything that is held.
///
/// The driver's duties:
/// 1. Report each event with the time, and carry out the action before the next one.
/// 2. After `send` report `answered` with what came of it; until then nothing else but `offered`.
/// 3. After `wait` report `due` at the latest when that time has come.
/// 4. After `end` report nothing more.
///
/// Retries are those of OTLP 1.5: on 429, 502, 503 and 504, after what Retry-After says, and where no
/// connection stood or the answer did not come.
public struct ExportMachine<Item: ExportItem>: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// But for some of its spans.
    case delivered(rejectedSpans: Int)
    /// With a status that the same again would get as well.
    case refused
    /// - Parameter after: what the collector asked for.
    case failed(after: TimeSpan?)
  }

  public enum Event: Sendable {
    case offered([Item])
    case due
    case answered(Outcome)
    /// The engine stops: what there is goes out once, without waiting.
    case ending
  }

  public enum Action: Sendable {
    /// Nil: until something is offered.
    case wait(until: Instant?)
    case send([Item])
    case end
  }

  /// Spans that were lost, by what lost them; they only grow.
  public struct Losses: Sendable, Equatable {
    /// Newer ones needed their room · the collector does not want them · it was away for too long · it took
    /// the others of their batch · the engine stopped.
    public var queueFull = 0
    public var refused = 0
    public var expired = 0
    public var rejected = 0
    public var ended = 0

    public init() {}
  }

  private let limits: ExportLimits
  private var waiting = WaitingItems<Item>()
  /// What is sent just now, or again when `nextTry` has come.
  private var batch: [WaitingItems<Item>.Entry] = []
  private var isSending = false
  private var pause: TimeSpan
  private var nextTry: Instant?
  private var isEnding = false
  public private(set) var heldSpans = 0
  public private(set) var losses = Losses()

  public init(limits: ExportLimits = ExportLimits()) {
    self.limits = limits
    pause = limits.firstPause
  }

  /// Whether the collector did not take what it was sent last.
  public var isFailing: Bool { nextTry != nil }

  public mutating func handle(
    _ event: Event, random: inout SeededRandom, now: Instant
  ) -> Action {
    switch event {
    case .offered(let items): take(items, now)
    case .due: break
    case .answered(let outcome): settle(outcome, &random, now)
    case .ending: isEnding = true
    }
    return isSending ? .wait(until: nil) : next(now)
  }

  private mutating func take(_ items: [Item], _ now: Instant) {
    for item in items {
      waiting.append(item, since: now)
      heldSpans += item.spanCount
    }
    // The newest say more than the oldest; what is sent just now stays.
    while heldSpans > limits.heldSpans, let oldest = waiting.removeFirst() {
      losses.queueFull += oldest.item.spanCount
      heldSpans -= oldest.item.spanCount
    }
  }

  private mutating func settle(
    _ outcome: Outcome, _ random: inout SeededRandom, _ now: Instant
  ) {
    switch outcome {
    case .delivered(let rejected):
      losses.rejected += max(0, min(rejected, removeBatch()))
      recover()
    case .refused:
      losses.refused += removeBatch()
      recover()
    case .failed(let asked):
      isSending = false
      // Half again at most and at least, so that many of us do not come at the same moment.
      let jitter = pause.scaled(by: 0.5 + random.fraction())
      nextTry = now + min(max(jitter, asked ?? .zero), limits.longestAsked)
      pause = min(pause.scaled(by: 2), limits.longestPause)
      dropExpired(now)
    }
  }

  private mutating func recover() {
    nextTry = nil
    pause = limits.firstPause
  }

  /// - Returns: the spans that it had.
  private mutating func removeBatch() -> Int {
    let count = batch.reduce(0) { $0 + $1.item.spanCount }
    batch = []
    heldSpans -= count
    isSending = false
    return count
  }

  private mutating func dropExpired(_ now: Instant) {
    var count = 0
    batch.removeAll { one in
      guard now - one.since >= limits.patience else { return false }
      count += one.item.spanCount
      return true
    }
    while let oldest = waiting.first, now - oldest.since >= limits.patience {
      count += oldest.item.spanCount
      _ = waiting.removeFirst()
    }
    losses.expired += count
    heldSpans -= count
  }

  private mutating func next(_ now: Instant) -> Action {
    if isEnding {
      // Nobody is left to wait for a collector that is away.
      return heldSpans == 0 || isFailing ? end() : sendBatch()
    }
    if let nextTry, now < nextTry { return .wait(until: heldSpans == 0 ? nil : nextTry) }
    if !batch.isEmpty { return sendBatch() }
    guard let oldest = waiting.first else { return .wait(until: nil) }
    let due = oldest.since + limits.gatherTime
    guard heldSpans >= limits.batchSpans || now >= due || isFailing else {
      return .wait(until: due)
    }
    return sendBatch()
  }

  /// What did not go before, or a new batch: at least one item, whatever it has.
  private mutating func sendBatch() -> Action {
    var spans = 0
    if batch.isEmpty {
      while let one = waiting.first,
        batch.isEmpty || spans + one.item.spanCount <= limits.batchSpans
      {
        spans += one.item.spanCount
        batch.append(one)
        _ = waiting.removeFirst()
      }
    }
    isSending = true
    return .send(batch.map(\.item))
  }

  private mutating func end() -> Action {
    losses.ended += heldSpans
    heldSpans = 0
    batch = []
    waiting = WaitingItems()
    return .end
  }
}

/// Items with the time of their coming, oldest first. What was taken out is let go of once it is half of
/// them, so that taking one costs the same however many there are.
struct WaitingItems<Item: Sendable>: Sendable {
  struct Entry: Sendable {
    var item: Item
    var since: Instant
  }

  private var entries: [Entry] = []
  private var start = 0

  var first: Entry? { start < entries.count ? entries[start] : nil }

  mutating func append(_ item: Item, since: Instant) {
    entries.append(Entry(item: item, since: since))
  }

  mutating func removeFirst() -> Entry? {
    guard let first else { return nil }
    start += 1
    if start * 2 >= entries.count {
      entries.removeFirst(start)
      start = 0
    }
    return first
  }
}

/// What an export may hold, and how long it takes over it.
public struct ExportLimits: Sendable {
  /// Of one message.
  public var batchSpans = 512
  /// In all, those that are sent just now included; beyond it the oldest go.
  public var heldSpans = 16_384
  /// How long the first span of a batch waits for others.
  public var gatherTime = TimeSpan.seconds(1)
  public var firstPause = TimeSpan.seconds(1)
  public var longestPause = TimeSpan.seconds(30)
  /// Of what a collector asks for.
  public var longestAsked = TimeSpan.minutes(5)
  /// How long a span is tried to be delivered.
  public var patience = TimeSpan.minutes(10)

  public init() {}
}
