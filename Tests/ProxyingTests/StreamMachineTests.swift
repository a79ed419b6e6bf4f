import Balancing
import Primitives
import Proxying
import Testing
import Topology

@Suite struct StreamMachineTests {
  private struct World {
    var machine = StreamMachine()
    var budget = RetryBudget(share: 1)
    var random = SeededRandom(seed: 1)
    var now = Instant(nanoseconds: 1_000_000_000)

    init(_ policy: RetryPolicy = RetryPolicy()) { machine.begin(policy: policy) }

    mutating func handle(_ event: StreamMachine.Event) -> StreamMachine.Action {
      machine.handle(event, budget: &budget, random: &random, now: now)
    }

    /// To a stream that carries bytes.
    mutating func connect() {
      #expect(handle(.tryBegan) == .none)
      #expect(handle(.connected) == .relay)
    }
  }

  private func end(_ reason: StreamEnd.Reason) -> StreamMachine.Action { .end(StreamEnd(reason)) }

  @Test func `a stream ends by whoever closed first, when both have`() {
    for (side, reason) in [
      (StreamMachine.Side.client, StreamEnd.Reason.clientClosed), (.server, .serverClosed),
    ] {
      var world = World()
      world.connect()
      #expect(world.handle(.ended(side)) == .none)
      #expect(world.handle(.ended(side == .client ? .server : .client)) == .none)
      #expect(world.handle(.finished) == end(reason))
      #expect(!StreamEnd(reason).resets)
    }
  }

  @Test func `a connection that fails is tried elsewhere, as often as the policy says`() {
    var world = World(RetryPolicy(attempts: 2))
    #expect(world.handle(.tryBegan) == .none)
    #expect(world.handle(.connectFailed) == .tryAgain(after: .zero))
    #expect(world.handle(.tryBegan) == .none)
    guard case .tryAgain = world.handle(.timedOut(.connect)) else {
      Issue.record("no second retry")
      return
    }
    #expect(world.handle(.tryBegan) == .none)
    #expect(world.handle(.connectFailed) == end(.connectFailure))
    #expect(world.machine.retries == 2)
  }

  @Test func `without budget or permission nothing is tried again`() {
    var strict = World(RetryPolicy(onConnectFailure: false))
    _ = strict.handle(.tryBegan)
    #expect(strict.handle(.connectFailed) == end(.connectFailure))
    var poor = World(RetryPolicy(attempts: 10))
    poor.budget = RetryBudget(share: 0)
    while poor.budget.takeRetry(poor.now) {}
    _ = poor.handle(.tryBegan)
    #expect(poor.handle(.connectFailed) == end(.connectFailure))
  }

  @Test func `what ends a stream before and behind the connection`() {
    let before: [(StreamMachine.Event, StreamEnd.Reason)] = [
      (.noServer, .noHealthyServer), (.queueFull, .queueFull), (.serviceGone, .serviceGone),
      (.shed, .shed), (.timedOut(.queue), .queueTimeout), (.timedOut(.preface), .prefaceTimeout),
      (.prefaceBroken(.badHello), .badHello), (.broke(.client), .clientLeft), (.drained, .drained),
    ]
    for (event, reason) in before {
      var world = World()
      #expect(world.handle(event) == end(reason))
      #expect(StreamEnd(reason).resets)
    }
    let behind: [(StreamMachine.Event, StreamEnd.Reason)] = [
      (.broke(.client), .clientReset), (.broke(.server), .serverReset),
      (.timedOut(.idle), .idleTimeout), (.timedOut(.total), .totalTimeout), (.drained, .drained),
    ]
    for (event, reason) in behind {
      var world = World()
      world.connect()
      #expect(world.handle(event) == end(reason))
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `events in any order end a stream once, and nothing is tried behind the connection`(
    seed: UInt64
  ) {
    var dice = SeededRandom(seed: seed)
    let attempts = dice.below(4)
    var world = World(RetryPolicy(attempts: attempts))
    let events: [StreamMachine.Event] = [
      .tryBegan, .tryBegan, .connectFailed, .connected, .ended(.client), .ended(.server), .finished,
      .broke(.client), .broke(.server), .timedOut(.connect), .timedOut(.idle), .timedOut(.queue),
      .noServer, .drained,
    ]
    var ends = 0
    var retries = 0
    var isConnected = false
    for _ in 0..<60 {
      switch world.handle(events[dice.below(events.count)]) {
      case .end: ends += 1
      case .tryAgain:
        retries += 1
        #expect(!isConnected && ends == 0)
      case .relay:
        #expect(!isConnected && ends == 0)
        isConnected = true
      case .none: break
      }
    }
    #expect(ends <= 1 && retries <= attempts && world.machine.retries == retries)
  }
}
