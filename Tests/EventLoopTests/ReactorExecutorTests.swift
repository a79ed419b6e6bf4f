import EventLoop
import Glibc
import Primitives
import Synchronization
import Testing

/// An actor whose work runs on a loop's thread.
private actor Resident {
  private let reactor: Reactor
  private var count = 0
  private var timers: [Int] = []

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe reactor.asUnownedSerialExecutor()
  }

  init(on reactor: Reactor) { self.reactor = reactor }

  func thread() -> UInt { UInt(pthread_self()) }

  func increment() -> Int {
    count += 1
    return count
  }

  /// Comes back when the loop's timer has run.
  func waitForTimer() async {
    await withCheckedContinuation { continuation in
      reactor.schedule(after: .milliseconds(1)) { continuation.resume() }
    }
  }

  func stop() { reactor.stop() }
}

@Suite struct ReactorExecutorTests {
  @Test func `an actor's work runs on the loop's thread, in turn`() async throws {
    let reactor = try Reactor()
    let loopThread = Mutex<UInt>(0)
    try LoopThread.start("test-loop") {
      loopThread.withLock { $0 = UInt(pthread_self()) }
      reactor.run()
    }
    let resident = Resident(on: reactor)
    let thread = await resident.thread()
    #expect(thread == loopThread.withLock { $0 })
    let here = await Task.detached { await resident.thread() }.value
    #expect(here == thread)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<500 { group.addTask { await resident.increment() } }
      return await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(counts == Set(1...500))
    await resident.waitForTimer()
    #expect(await resident.thread() == thread)
    await resident.stop()
  }
}
