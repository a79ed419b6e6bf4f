import Balancing
import Primitives
import Proxying
import Testing
import Topology

private let fresh = Exchange.Event.tryBegan(isReused: false)
private let reused = Exchange.Event.tryBegan(isReused: true)
private let reset = Exchange.Event.serverClosed(isReset: true)
private let closed = Exchange.Event.serverClosed(isReset: false)
private let switched = Exchange.Event.switched(isAsked: true)

@Suite struct ExchangeTunnelTests {
  private func upgrade(policy: RetryPolicy = RetryPolicy()) -> Scenario {
    Scenario(isStream: true, policy: policy)
  }

  private func tunnel() -> Scenario {
    var scenario = upgrade()
    #expect(scenario.report(fresh, .sent, .answerBytes, switched) == [.tunnel])
    return scenario
  }

  // MARK: Before the 101

  @Test func `a switch to what was asked for is a tunnel`() {
    let open = tunnel()
    #expect(open.exchange.isTunnel && open.exchange.isAnswering && open.exchange.isUpgrade)
    #expect(!open.exchange.keepsConnectionAfterAnswer)
    #expect(!open.exchange.hasEnded(.client) && !open.exchange.hasEnded(.server))
  }

  @Test func `a switch that nobody asked for, or to something else, is a bad answer`() {
    var plain = Scenario()
    #expect(plain.report(fresh, .sent, .answerBytes, switched) == [.fail(.badAnswer)])
    var other = upgrade()
    #expect(
      other.report(fresh, .sent, .answerBytes, .switched(isAsked: false)) == [.fail(.badAnswer)])
    #expect(!other.exchange.isTunnel)
  }

  @Test func `a switch behind an answer's head cuts that answer`() {
    var late = upgrade()
    #expect(late.report(fresh, .sent, .answerHead(status: 200), switched) == [.cut])
  }

  @Test func `any other answer is relayed, and the connection kept`() {
    var refused = upgrade()
    #expect(
      refused.report(fresh, .sent, .answerBytes, .answerHead(status: 426), .answerEnded)
        == [.finish(keepsConnection: true)])
    #expect(!refused.exchange.isTunnel)
  }

  @Test func `an upgrade that no server can have seen is tried again`() {
    var refused = upgrade()
    #expect(
      refused.report(fresh, .connectFailed) == [.tryAgain(.connectFailure, after: .zero)])
    var unsent = upgrade()
    #expect(unsent.report(fresh, reset) == [.tryAgain(.reset, after: .zero)])
    var stale = upgrade()
    #expect(stale.report(reused, .sent, closed) == [.tryAgain(.staleConnection, after: .zero)])
  }

  @Test func `an upgrade that a server may have acted upon is not`() {
    let policy = RetryPolicy(attempts: 3, onGatewayError: true)
    var broken = upgrade(policy: policy)
    #expect(broken.report(fresh, .sent, reset) == [.fail(.serverReset)])
    var slow = upgrade(policy: policy)
    #expect(slow.report(fresh, .sent, .timedOut(.tryAnswer)) == [.fail(.responseTimeout)])
    var gateway = upgrade(policy: policy)
    #expect(gateway.report(fresh, .sent, .answerBytes, .answerHead(status: 503)) == [])
    #expect(gateway.exchange.isAnswering)
    var sick = upgrade(policy: policy)
    #expect(sick.report(fresh, .sent, .serverUnhealthy) == [])
    var begun = upgrade(policy: policy)
    #expect(begun.report(reused, .answerBytes, closed) == [.fail(.serverClosed)])
  }

  // MARK: The tunnel

  @Test func `the end of a side is passed on, and the second one ends the tunnel`() {
    var first = tunnel()
    #expect(first.report(.sideEnded(.client)) == [.passEnd(to: .server)])
    #expect(first.exchange.hasEnded(.client) && !first.exchange.hasEnded(.server))
    #expect(first.report(.sideEnded(.client)) == [])
    #expect(first.report(.sideEnded(.server)) == [.finish(keepsConnection: false)])
    var second = tunnel()
    #expect(second.report(.sideEnded(.server)) == [.passEnd(to: .client)])
    #expect(second.report(.sideEnded(.client)) == [.finish(keepsConnection: false)])
  }

  @Test func `a side that breaks cuts the other one`() {
    for end: Exchange.Event in [reset, closed, .clientClosed, .answerBroken, .serviceGone] {
      var open = tunnel()
      #expect(open.report(end) == [.cut], "\(end)")
      var half = tunnel()
      #expect(half.report(.sideEnded(.client), end) == [.passEnd(to: .server), .cut], "\(end)")
    }
  }

  @Test func `a tunnel ends in an orderly way when it is idle, or when the drain is over`() {
    for timeout: Exchange.Timeout in [.tunnel, .drain] {
      var open = tunnel()
      #expect(open.report(.timedOut(timeout)) == [.finish(keepsConnection: false)])
    }
  }

  @Test func `neither a whole request's deadline nor a failed check ends a tunnel`() {
    var open = tunnel()
    #expect(open.report(.timedOut(.total), .serverUnhealthy, .hedgeDue) == [])
    #expect(open.exchange.isTunnel)
  }

  @Test func `the ends of sides mean nothing without a tunnel`() {
    var plain = Scenario()
    #expect(plain.report(fresh, .sent, .sideEnded(.client), .sideEnded(.server)) == [])
  }
}
