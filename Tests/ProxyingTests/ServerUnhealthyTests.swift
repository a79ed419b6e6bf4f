import Balancing
import Primitives
import Proxying
import Testing
import Topology

@Suite struct ServerUnhealthyTests {
  private let now = Instant(nanoseconds: 1_000_000_000)

  private func action(
    idempotent: Bool, after events: [Exchange.Event], attempts: Int = 1
  ) -> Exchange.Action {
    var exchange = Exchange()
    var action = Exchange.Action.none
    var budget = RetryBudget(share: 0.2)
    var random = SeededRandom(seed: 1)
    exchange.begin(
      .init(isIdempotent: idempotent, hasBody: false, keepsConnection: true),
      policy: RetryPolicy(attempts: attempts))
    for event in events + [.serverUnhealthy] {
      action = exchange.handle(event, budget: &budget, random: &random, now: now)
    }
    return action
  }

  @Test func `a request that waits for an unhealthy server is tried elsewhere`() {
    let events: [Exchange.Event] = [.tryBegan(isReused: false), .sent]
    #expect(action(idempotent: true, after: events) == .tryAgain(.timeout, after: .zero))
  }

  @Test func `a POST that was sent waits on`() {
    let events: [Exchange.Event] = [.tryBegan(isReused: false), .sent]
    #expect(action(idempotent: false, after: events) == .none)
    #expect(action(idempotent: false, after: [events[0]]) == .tryAgain(.timeout, after: .zero))
  }

  @Test func `an answer that has begun goes on, and so does a request without a try left`() {
    let began: [Exchange.Event] = [.tryBegan(isReused: false), .sent, .answerBytes]
    #expect(action(idempotent: true, after: began) == .none)
    #expect(action(idempotent: true, after: began + [.answerHead(status: 200)]) == .none)
    #expect(action(idempotent: true, after: Array(began.prefix(2)), attempts: 0) == .none)
  }
}
