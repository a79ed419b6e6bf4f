import Balancing
import Primitives
import Proxying
import Testing
import Topology

/// One exchange with the clock and budget that it is asked under.
struct Scenario {
  var exchange = Exchange()
  var budget = RetryBudget(share: 0.2)
  var random = SeededRandom(seed: 1)
  var now = Instant(nanoseconds: 1_000_000_000)

  init(
    isIdempotent: Bool = true, hasBody: Bool = false, keepsConnection: Bool = true,
    isStream: Bool = false, policy: RetryPolicy = RetryPolicy()
  ) {
    exchange.begin(
      .init(
        isIdempotent: isIdempotent, hasBody: hasBody, keepsConnection: keepsConnection,
        isStream: isStream),
      policy: policy)
    budget.countRequest(now)
  }

  /// Reports events; the actions but for `none`.
  mutating func report(_ events: Exchange.Event...) -> [Exchange.Action] {
    events.map { exchange.handle($0, budget: &budget, random: &random, now: now) }
      .filter { $0 != .none }
  }

  mutating func exhaustBudget() { while budget.takeRetry(now) {} }
}

/// The first retry, which waits for nothing.
private func again(_ reason: Exchange.RetryReason) -> Exchange.Action {
  .tryAgain(reason, after: .zero)
}

private let fresh = Exchange.Event.tryBegan(isReused: false)
private let reused = Exchange.Event.tryBegan(isReused: true)
private let reset = Exchange.Event.serverClosed(isReset: true)
private let closed = Exchange.Event.serverClosed(isReset: false)

@Suite struct ExchangeTests {
  // MARK: Answers

  @Test func `an answer is relayed and the connection kept`() {
    var get = Scenario()
    #expect(
      get.report(fresh, .sent, .answerBytes, .answerHead(status: 200), .answerEnded)
        == [.finish(keepsConnection: true)])
    #expect(get.exchange.retries == 0)
  }

  @Test func `a client that wants no more requests is not kept`() {
    var get = Scenario(keepsConnection: false)
    #expect(!get.exchange.keepsConnectionAfterAnswer)
    #expect(
      get.report(fresh, .sent, .answerBytes, .answerHead(status: 200), .answerEnded)
        == [.finish(keepsConnection: false)])
  }

  @Test func `an answer before the request's end costs the connection`() {
    var early = Scenario(isIdempotent: false, hasBody: true)
    #expect(early.report(fresh, .sent, .answerBytes, .answerHead(status: 200)) == [])
    #expect(!early.exchange.keepsConnectionAfterAnswer && !early.exchange.hasRequestEnded)
    #expect(early.report(.answerEnded) == [.finish(keepsConnection: false)])
    var whole = Scenario(isIdempotent: false, hasBody: true)
    #expect(
      whole.report(
        fresh, .sent, .requestEnded, .answerBytes, .answerHead(status: 200), .answerEnded)
        == [.finish(keepsConnection: true)])
  }

  @Test func `an answer that breaks off is cut, whatever happens to it`() {
    for end: Exchange.Event in [
      reset, closed, .answerBroken, .requestBroken, .timedOut(.answerBody), .timedOut(.total),
      .timedOut(.requestBody), .timedOut(.tryAnswer), .timedOut(.answer), .timedOut(.connect),
      .timedOut(.queue), .serviceGone, .noServer, .queueFull, .connectFailed,
    ] {
      var get = Scenario()
      #expect(
        get.report(fresh, .sent, .answerBytes, .answerHead(status: 200), end) == [.cut], "\(end)")
    }
  }

  @Test func `nobody waits for an answer when the client is gone`() {
    var waiting = Scenario()
    #expect(waiting.report(.clientClosed) == [.abandon])
    var answering = Scenario()
    #expect(
      answering.report(fresh, .sent, .answerBytes, .answerHead(status: 200), .clientClosed) == [
        .abandon
      ])
  }

  // MARK: Tries

  @Test func `a failed connect is tried again once, also for a POST with a body`() {
    for isIdempotent in [true, false] {
      var request = Scenario(isIdempotent: isIdempotent, hasBody: true)
      #expect(request.report(fresh, .connectFailed) == [again(.connectFailure)])
      #expect(request.report(fresh, .connectFailed) == [.fail(.connectFailure)])
      #expect(request.exchange.retries == 1)
    }
    var slow = Scenario()
    #expect(slow.report(fresh, .timedOut(.connect)) == [again(.connectFailure)])
    #expect(slow.report(fresh, .timedOut(.connect)) == [.fail(.connectTimeout)])
  }

  @Test func `as many tries as the policy says`() {
    var get = Scenario(policy: RetryPolicy(attempts: 3))
    var waits: [TimeSpan] = []
    for _ in 0..<3 {
      guard case .tryAgain(.reset, let wait)? = get.report(fresh, .sent, reset).first else {
        Issue.record("not tried again")
        continue
      }
      waits.append(wait)
    }
    #expect(get.report(fresh, .sent, reset) == [.fail(.serverReset)])
    #expect(waits[0] == .zero && waits[1] > .zero && waits[2] > .zero && waits[1] != waits[2])
    #expect(waits[1] <= .milliseconds(50) && waits[2] <= .milliseconds(100))
    var none = Scenario(policy: RetryPolicy(attempts: 0))
    #expect(none.report(fresh, .connectFailed) == [.fail(.connectFailure)])
  }

  @Test func `a policy may want no retry of a kind`() {
    var connect = Scenario(policy: RetryPolicy(onConnectFailure: false))
    #expect(connect.report(fresh, .connectFailed) == [.fail(.connectFailure)])
    var slow = Scenario(policy: RetryPolicy(onConnectFailure: false))
    #expect(slow.report(fresh, .timedOut(.connect)) == [.fail(.connectTimeout)])
    var broken = Scenario(policy: RetryPolicy(onReset: false))
    #expect(broken.report(fresh, .sent, closed) == [.fail(.serverClosed)])
  }

  @Test func `a POST that was sent is never sent again`() {
    for connection in [fresh, reused] {
      for end in [reset, closed, .timedOut(.tryAnswer), .connectFailed, .timedOut(.connect)] {
        var post = Scenario(isIdempotent: false, policy: RetryPolicy(attempts: 9))
        let actions = post.report(connection, .sent, end)
        guard case .fail? = actions.first else {
          Issue.record("\(connection), \(end): \(actions)")
          continue
        }
        #expect(post.exchange.retries == 0)
      }
    }
  }

  @Test func `a POST that was not sent is tried again`() {
    var post = Scenario(isIdempotent: false)
    #expect(post.report(fresh, reset) == [again(.reset)])
    #expect(post.report(fresh, .sent, reset) == [.fail(.serverReset)])
  }

  @Test func `a body that is held nowhere can't be sent again`() {
    var put = Scenario(hasBody: true)
    #expect(put.report(fresh, .sent, .replayLost, reset) == [.fail(.serverReset)])
    var stale = Scenario(hasBody: true)
    #expect(stale.report(reused, .sent, .replayLost, closed) == [.fail(.serverClosed)])
    var slow = Scenario(hasBody: true)
    #expect(
      slow.report(fresh, .sent, .replayLost, .timedOut(.tryAnswer)) == [.fail(.responseTimeout)])
  }

  @Test func `a broken head is answered, not tried again`() {
    var get = Scenario()
    #expect(get.report(fresh, .sent, .answerBytes, .answerBroken) == [.fail(.badAnswer)])
  }

  @Test func `a part of an answer's head does not keep a GET from another try`() {
    var get = Scenario()
    #expect(get.report(fresh, .sent, .answerBytes, closed) == [again(.reset)])
    var post = Scenario(isIdempotent: false)
    #expect(post.report(fresh, .answerBytes, closed) == [.fail(.serverClosed)])
  }

  // MARK: Stale connections

  @Test func `a stale connection costs one try that no one counts`() {
    var get = Scenario(policy: RetryPolicy(attempts: 1))
    get.exhaustBudget()
    #expect(get.report(reused, .sent, closed) == [again(.staleConnection)])
    #expect(get.report(reused, .sent, closed) == [.fail(.serverClosed)])
    var with = Scenario(policy: RetryPolicy(attempts: 1))
    #expect(with.report(reused, .sent, closed) == [again(.staleConnection)])
    #expect(with.report(reused, .sent, closed) == [again(.reset)])
    #expect(with.report(reused, .sent, closed) == [.fail(.serverClosed)])
    #expect(with.exchange.retries == 2)
  }

  @Test func `a stale connection is tried again under every policy`() {
    var get = Scenario(policy: RetryPolicy(attempts: 0, onReset: false))
    #expect(get.report(reused, .sent, reset) == [again(.staleConnection)])
    #expect(get.report(fresh, .sent, reset) == [.fail(.serverReset)])
  }

  @Test func `a reused connection that began to answer was not stale`() {
    var get = Scenario()
    #expect(get.report(reused, .sent, .answerBytes, reset) == [again(.reset)])
  }

  @Test func `a POST on a stale connection is tried again only when it was not sent`() {
    var unsent = Scenario(isIdempotent: false)
    #expect(unsent.report(reused, closed) == [again(.staleConnection)])
    var sent = Scenario(isIdempotent: false)
    #expect(sent.report(reused, .sent, closed) == [.fail(.serverClosed)])
  }

  // MARK: Time and budget

  @Test func `a try that takes too long is tried elsewhere, if twice is as once`() {
    var get = Scenario(policy: RetryPolicy(perTryTimeout: .seconds(1)))
    #expect(get.report(fresh, .sent, .timedOut(.tryAnswer)) == [again(.timeout)])
    #expect(get.report(fresh, .sent, .timedOut(.tryAnswer)) == [.fail(.responseTimeout)])
    var post = Scenario(isIdempotent: false)
    #expect(post.report(fresh, .sent, .timedOut(.tryAnswer)) == [.fail(.responseTimeout)])
  }

  @Test(arguments: [
    (Exchange.Timeout.queue, ExchangeFailure.queueTimeout), (.answer, .responseTimeout),
    (.total, .totalTimeout), (.requestBody, .requestTimeout),
  ])
  func `the other times end the exchange`(timeout: Exchange.Timeout, failure: ExchangeFailure) {
    var get = Scenario(policy: RetryPolicy(attempts: 9))
    #expect(get.report(fresh, .sent, .timedOut(timeout)) == [.fail(failure)])
  }

  @Test func `without a budget nothing is tried again`() {
    for end: Exchange.Event in [.connectFailed, reset, .timedOut(.tryAnswer)] {
      var get = Scenario(policy: RetryPolicy(attempts: 9))
      get.exhaustBudget()
      guard case .fail? = get.report(fresh, end).first else {
        Issue.record("\(end)")
        continue
      }
    }
  }

  @Test func `a retry that the policy refuses takes nothing from the budget`() {
    var get = Scenario(policy: RetryPolicy(attempts: 0))
    for _ in 0..<100 { _ = get.report(fresh, .connectFailed) }
    var left = 0
    while get.budget.takeRetry(get.now) { left += 1 }
    #expect(left == RetryBudget.baseline * RetryBudget.windowSeconds + 1)
  }

  // MARK: Failures of our own

  @Test(arguments: [
    (Exchange.Event.noServer, ExchangeFailure.noHealthyServer), (.queueFull, .queueFull),
    (.serviceGone, .serviceGone), (.requestBroken, .badBody), (.shed, .shed),
  ])
  func `what can't be served is answered by us`(event: Exchange.Event, failure: ExchangeFailure) {
    var get = Scenario()
    #expect(get.report(event) == [.fail(failure)])
  }

  @Test func `a new request knows nothing of the one before`() {
    var scenario = Scenario(isIdempotent: false, hasBody: true, keepsConnection: false)
    _ = scenario.report(
      fresh, .connectFailed, fresh, .sent, .replayLost, .answerBytes, .answerHead(status: 200))
    scenario.exchange.begin(
      .init(isIdempotent: true, hasBody: false, keepsConnection: true), policy: RetryPolicy())
    #expect(scenario.exchange.retries == 0 && !scenario.exchange.isAnswering)
    #expect(scenario.exchange.hasRequestEnded && scenario.exchange.keepsConnectionAfterAnswer)
    #expect(scenario.report(fresh, .connectFailed) == [again(.connectFailure)])
  }
}
