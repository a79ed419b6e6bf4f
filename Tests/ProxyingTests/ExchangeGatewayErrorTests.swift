import Balancing
import Primitives
import Proxying
import Testing
import Topology

/// Answers that say only that a server's own upstream failed.
@Suite struct ExchangeGatewayErrorTests {
  private let policy = RetryPolicy(onGatewayError: true)

  private func answer(_ status: Int, _ scenario: inout Scenario) -> [Exchange.Action] {
    scenario.report(
      .tryBegan(isReused: false), .sent, .answerBytes, .answerHead(status: status))
  }

  @Test(arguments: [502, 503, 504])
  func `a gateway's error is asked for elsewhere, once`(status: Int) {
    var get = Scenario(policy: policy)
    #expect(answer(status, &get) == [.tryAgain(.gatewayError, after: .zero)])
    #expect(!get.exchange.isAnswering)
    #expect(answer(status, &get) == [])
    #expect(get.exchange.isAnswering && get.exchange.retries == 1)
    #expect(get.report(.answerEnded) == [.finish(keepsConnection: true)])
  }

  @Test(arguments: [200, 404, 429, 500, 501, 505])
  func `every other answer is the server's word`(status: Int) {
    var get = Scenario(policy: policy)
    #expect(answer(status, &get) == [] && get.exchange.isAnswering)
  }

  @Test func `an answer is relayed when it may not be asked for again`() {
    var unwanted = Scenario()
    #expect(answer(503, &unwanted) == [] && unwanted.exchange.isAnswering)
    var post = Scenario(isIdempotent: false, policy: policy)
    #expect(answer(503, &post) == [] && post.exchange.isAnswering)
    var early = Scenario(hasBody: true, policy: policy)
    #expect(answer(503, &early) == [] && early.exchange.isAnswering)
    var poor = Scenario(policy: policy)
    poor.exhaustBudget()
    #expect(answer(503, &poor) == [] && poor.exchange.isAnswering)
    var long = Scenario(hasBody: true, policy: policy)
    #expect(long.report(.tryBegan(isReused: false), .sent, .replayLost, .requestEnded) == [])
    #expect(long.report(.answerHead(status: 503)) == [] && long.exchange.isAnswering)
  }

  @Test func `a POST is not repeated even when nothing of it was reported as sent`() {
    var post = Scenario(isIdempotent: false, policy: policy)
    let actions = post.report(.tryBegan(isReused: false), .answerHead(status: 503))
    #expect(actions == [] && post.exchange.retries == 0)
  }
}
