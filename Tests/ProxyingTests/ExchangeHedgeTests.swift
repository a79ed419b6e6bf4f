import Balancing
import Primitives
import Proxying
import Testing
import Topology

@Suite struct ExchangeHedgeTests {
  private static let policy = RetryPolicy(hedgeAfter: .milliseconds(100))
  private static let fresh = Exchange.Event.tryBegan(isReused: false)
  private static let reset = Exchange.Event.serverClosed(isReset: true)

  /// A GET whose first server is silent and whose hedge is under way.
  private func hedged(_ policy: RetryPolicy = policy) -> Scenario {
    var get = Scenario(policy: policy)
    #expect(get.report(Self.fresh, .sent, .hedgeDue) == [.hedge])
    #expect(get.report(.hedgeBegan(isReused: false), .sent) == [])
    return get
  }

  // MARK: When

  @Test func `a silent server is helped once, before and after the connection stands`() {
    for events: [Exchange.Event] in [[Self.fresh], [Self.fresh, .sent]] {
      var get = Scenario(policy: Self.policy)
      for event in events { _ = get.report(event) }
      #expect(get.report(.hedgeDue, .hedgeDue) == [.hedge])
      #expect(get.report(.hedgeFailed, .hedgeDue) == [])
      #expect(get.exchange.hedges == 1 && get.exchange.retries == 0)
    }
  }

  @Test func `what may not be repeated is not hedged`() {
    var post = Scenario(isIdempotent: false, policy: Self.policy)
    #expect(post.report(Self.fresh, .hedgeDue) == [])
    var early = Scenario(hasBody: true, policy: Self.policy)
    #expect(early.report(Self.fresh, .sent, .hedgeDue) == [])
    var long = Scenario(hasBody: true, policy: Self.policy)
    #expect(long.report(Self.fresh, .sent, .replayLost, .requestEnded, .hedgeDue) == [])
    var stream = Scenario(isStream: true, policy: Self.policy)
    #expect(stream.report(Self.fresh, .sent, .hedgeDue) == [])
  }

  @Test func `a server that answers, a policy and a budget can make a hedge needless`() {
    var slow = Scenario(policy: Self.policy)
    #expect(slow.report(Self.fresh, .sent, .answerBytes, .hedgeDue) == [])
    var waiting = Scenario(policy: Self.policy)
    #expect(waiting.report(.hedgeDue) == [])
    var never = Scenario(policy: RetryPolicy())
    #expect(never.report(Self.fresh, .sent, .hedgeDue) == [])
    var once = Scenario(policy: RetryPolicy(attempts: 0, hedgeAfter: .milliseconds(100)))
    #expect(once.report(Self.fresh, .sent, .hedgeDue) == [])
    var poor = Scenario(policy: Self.policy)
    poor.exhaustBudget()
    #expect(poor.report(Self.fresh, .sent, .hedgeDue) == [])
  }

  @Test func `a hedge is one of the policy's tries`() {
    var get = hedged()
    #expect(get.report(.hedgeFailed, Self.reset) == [.fail(.serverReset)])
    var more = hedged(RetryPolicy(attempts: 2, hedgeAfter: .milliseconds(100)))
    #expect(more.report(.hedgeFailed, Self.reset) == [.tryAgain(.reset, after: .zero)])
  }

  // MARK: Who wins

  @Test func `the first whole head wins`() {
    var first = hedged()
    #expect(first.report(.answerBytes, .answerHead(status: 200)) == [])
    #expect(first.report(.hedgeWon, .answerEnded) == [.finish(keepsConnection: true)])
    var second = hedged()
    #expect(second.report(.hedgeWon, .answerHead(status: 200)) == [])
    #expect(second.report(.answerEnded) == [.finish(keepsConnection: true)])
    #expect(second.exchange.hedges == 1 && second.exchange.retries == 0)
  }

  @Test func `a gateway's error loses against an answer that may still come`() {
    var get = hedged()
    #expect(get.report(.hedgeWon, .answerHead(status: 503)) == [.useHedge])
    #expect(!get.exchange.isAnswering)
    #expect(get.report(.answerBytes, .answerHead(status: 200)) == [])
    #expect(get.report(.answerEnded) == [.finish(keepsConnection: true)])
    var both = hedged()
    #expect(both.report(.answerHead(status: 503)) == [.useHedge])
    #expect(both.report(.answerHead(status: 503)) == [] && both.exchange.isAnswering)
  }

  @Test(
    arguments: [
      reset, .serverClosed(isReset: false), .connectFailed, .answerBroken, .timedOut(.connect),
      .timedOut(.tryAnswer), .serverUnhealthy,
    ] as [Exchange.Event])
  func `a try that fails leaves its place to the hedge`(end: Exchange.Event) {
    var get = hedged()
    #expect(get.report(end) == [.useHedge])
    #expect(get.report(Self.reset) == [.fail(.serverReset)])
    var swapped = hedged()
    #expect(swapped.report(.hedgeWon, Self.reset) == [.useHedge])
    #expect(swapped.report(.answerHead(status: 200)) == [] && swapped.exchange.isAnswering)
  }

  @Test func `a hedge on a stale connection is tried again like any other`() {
    var get = Scenario(policy: Self.policy)
    _ = get.report(Self.fresh, .sent, .hedgeDue, .hedgeBegan(isReused: true), Self.reset)
    #expect(get.report(Self.reset) == [.tryAgain(.staleConnection, after: .zero)])
  }

  @Test(arguments: [.timedOut(.answer), .timedOut(.total), .noServer] as [Exchange.Event])
  func `the whole request's time ends both`(end: Exchange.Event) {
    var get = hedged()
    guard case .fail? = get.report(end).first else {
      Issue.record("\(end)")
      return
    }
  }
}
