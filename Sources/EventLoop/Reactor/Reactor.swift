internal import Glibc
public import Primitives
internal import Synchronization

/// The control plane's event loop: descriptors and timers with handlers, and a serial executor, so
/// that an actor runs on the same thread as the handlers. Off the hot path: closures and classes.
///
/// All but `enqueue` is for the loop's own thread.
public final class Reactor: SerialExecutor, @unchecked Sendable {
  public typealias Handler = (Readiness) -> Void

  private struct Watch {
    var generation: UInt32
    var handler: Handler
  }

  private struct Timer {
    var deadline: Instant
    var id: UInt64
    var body: () -> Void
  }

  private let poller: Poller
  private let wakeUp: WakeUp
  private let jobs = Mutex<[UnownedJob]>([])
  private var watches: [Int32: Watch] = [:]
  private var generation: UInt32 = 0
  private var timers: [UInt64: Timer] = [:]
  private var nextTimer: UInt64 = 1
  private var isStopped = false
  /// The thread that `run` runs on; 0 before.
  private let thread = Atomic<UInt>(0)

  public init() throws(SystemError) {
    poller = try Poller()
    wakeUp = try WakeUp()
    let result = poller.watchReadable(wakeUp.descriptor, token: 0)
    try checked(result, "watch the wake-up")
  }

  // MARK: Executor

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let wasEmpty = jobs.withLock { jobs in
      jobs.append(job)
      return jobs.count == 1
    }
    if wasEmpty { wakeUp.signal() }
  }

  /// Swift asks this where code of the actor is called by a handler, outside of any job.
  public func isIsolatingCurrentContext() -> Bool? {
    thread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  public func checkIsolated() {
    precondition(isIsolatingCurrentContext() == true, "not on the event loop's thread")
  }

  // MARK: Descriptors

  /// Calls `handler` whenever `interest` holds (level-triggered). Replaces an earlier watch.
  public func watch(
    _ descriptor: Int32, _ interest: Readiness, _ handler: @escaping Handler
  ) throws(SystemError) {
    let isNew = watches[descriptor] == nil
    generation &+= 1
    let token = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) + 1
    watches[descriptor] = Watch(generation: generation, handler: handler)
    let result = poller.watch(descriptor, interest, token: token, isNew: isNew)
    if result < 0 { watches[descriptor] = nil }
    try checked(result, "watch a descriptor")
  }

  /// Call before the descriptor is closed.
  public func forget(_ descriptor: Int32) {
    if watches.removeValue(forKey: descriptor) != nil { poller.forget(descriptor) }
  }

  // MARK: Timers

  /// Calls `body` once at `deadline`. The result cancels it.
  @discardableResult
  public func schedule(at deadline: Instant, _ body: @escaping () -> Void) -> UInt64 {
    let id = nextTimer
    nextTimer += 1
    timers[id] = Timer(deadline: deadline, id: id, body: body)
    return id
  }

  @discardableResult
  public func schedule(after delay: TimeSpan, _ body: @escaping () -> Void) -> UInt64 {
    schedule(at: Clock.now + delay, body)
  }

  public func cancel(_ timer: UInt64) { timers[timer] = nil }

  // MARK: Running

  /// Serves events until `stop()`.
  public func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    while !isStopped {
      let count = poller.wait(milliseconds: millisecondsToNextTimer())
      for index in 0..<count { dispatch(poller.event(index)) }
      runTimers()
      runJobs()
    }
  }

  public func stop() {
    isStopped = true
    wakeUp.signal()
  }

  private func dispatch(_ event: (token: UInt64, readiness: Readiness)) {
    if event.token == 0 {
      wakeUp.clear()
      return
    }
    let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: event.token & 0xFFFF_FFFF) &- 1)
    let generation = UInt32(truncatingIfNeeded: event.token >> 32)
    guard let watch = watches[descriptor], watch.generation == generation else { return }
    watch.handler(event.readiness)
  }

  private func millisecondsToNextTimer() -> Int32 {
    if !jobs.withLock({ $0.isEmpty }) { return 0 }
    guard let earliest = timers.values.min(by: { $0.deadline < $1.deadline }) else { return -1 }
    let span = earliest.deadline - Clock.now
    if span <= .zero { return 0 }
    return Int32(clamping: span.milliseconds &+ 1)
  }

  private func runTimers() {
    let now = Clock.now
    let due = timers.values.filter { $0.deadline <= now }.sorted {
      ($0.deadline, $0.id) < ($1.deadline, $1.id)
    }
    for timer in due where timers.removeValue(forKey: timer.id) != nil { timer.body() }
  }

  private func runJobs() {
    let taken = jobs.withLock { jobs in
      let taken = jobs
      jobs = []
      return taken
    }
    for job in taken { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
  }
}
