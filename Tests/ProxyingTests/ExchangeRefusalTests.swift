import Balancing
import Primitives
import Proxying
import Testing
import Topology
import Wire

/// What servers of HTTP/2 say beyond an answer: that they took nothing, and how a call of gRPC ended.
@Suite struct ExchangeRefusalTests {
  private let fresh = Exchange.Event.tryBegan(isReused: false)
  private let refused = Exchange.Event.refused(isGoingAway: false)

  @Test(arguments: [true, false])
  func `what a server took nothing of is sent elsewhere, whatever it is`(isIdempotent: Bool) {
    var request = Scenario(isIdempotent: isIdempotent)
    #expect(request.report(fresh, .sent, refused) == [.tryAgain(.refusedStream, after: .zero)])
    #expect(request.report(fresh, .sent, refused) == [.fail(.refused)])
    #expect(request.exchange.retries == 1)
  }

  @Test func `a refusal is final where it is not wanted, paid for, or possible to do better`() {
    var unwanted = Scenario(policy: RetryPolicy(onRefusedStream: false))
    #expect(unwanted.report(fresh, .sent, refused) == [.fail(.refused)])
    var poor = Scenario()
    poor.exhaustBudget()
    #expect(poor.report(fresh, .sent, refused) == [.fail(.refused)])
    var long = Scenario(isIdempotent: false, hasBody: true)
    #expect(long.report(fresh, .sent, .replayLost, refused) == [.fail(.refused)])
    var late = Scenario()
    #expect(late.report(fresh, .sent, .answerHead(status: 200), refused) == [.cut])
  }

  @Test func `a connection that goes away costs one try beyond those that are counted`() {
    var post = Scenario(isIdempotent: false)
    let away = Exchange.Event.refused(isGoingAway: true)
    #expect(post.report(fresh, .sent, away) == [.tryAgain(.staleConnection, after: .zero)])
    #expect(post.report(fresh, .sent, away) == [.tryAgain(.refusedStream, after: .zero)])
    #expect(post.report(fresh, .sent, away) == [.fail(.refused)])
  }

  @Test func `a call that ended with a status that is named is made again`() {
    let policy = RetryPolicy(onGRPC: GRPCStatusSet([.unavailable]))
    var call = Scenario(isIdempotent: false, policy: policy)
    let ended = Exchange.Event.callEnded(.unavailable)
    #expect(call.report(fresh, .sent, ended) == [.tryAgain(.grpcStatus, after: .zero)])
    #expect(call.report(fresh, .sent, ended) == [] && call.exchange.isAnswering)
    #expect(call.report(.answerEnded) == [.finish(keepsConnection: true)])
    var other = Scenario(policy: policy)
    #expect(other.report(fresh, .sent, .callEnded(.internal)) == [] && other.exchange.isAnswering)
    // A client that still sends messages has its answer.
    var streaming = Scenario(isIdempotent: false, hasBody: true, policy: policy)
    #expect(streaming.report(fresh, .sent, ended) == [] && streaming.exchange.isAnswering)
    var long = Scenario(isIdempotent: false, hasBody: true, policy: policy)
    #expect(long.report(fresh, .sent, .replayLost, .requestEnded, ended) == [])
  }

  @Test func `who gets another protocol from no server is told so`() {
    var request = Scenario(isStream: true)
    #expect(request.report(fresh, .upgradeRefused) == [.fail(.noUpgrade)])
    #expect(ExchangeFailure.noUpgrade.status == 502 && ExchangeFailure.refused.status == 503)
  }
}
