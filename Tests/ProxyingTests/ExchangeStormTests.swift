import Balancing
import Primitives
import Proxying
import Testing
import Topology

/// Events in an order of chance, also those that no driver would report; only the begin of a try
/// follows the rules, for it says that all is sent again.
@Suite struct ExchangeStormTests {
  private static func event(_ random: inout SeededRandom) -> Exchange.Event {
    let timeouts: [Exchange.Timeout] = [
      .queue, .connect, .tryAnswer, .answer, .total, .requestBody, .answerBody,
    ]
    let quiet: [Exchange.Event] = [
      .sent, .sent, .replayLost, .requestEnded, .answerBytes, .answerHead, .serverUnhealthy,
    ]
    let loud: [Exchange.Event] = [
      .noServer, .queueFull, .serviceGone, .connectFailed, .connectFailed, .requestBroken,
      .answerBroken, .answerEnded, .serverClosed(isReset: true), .serverClosed(isReset: false),
      .serverClosed(isReset: false), .clientClosed, .timedOut(timeouts[random.below(7)]),
    ]
    return random.below(2) == 0 ? quiet[random.below(7)] : loud[random.below(13)]
  }

  /// What happened, as an onlooker notes it.
  private struct Seen {
    var wasSent = false
    var isReplayLost = false
    var isAnswering = false
    var hasEnded: Bool
    var retries = 0

    mutating func note(_ event: Exchange.Event) {
      switch event {
      case .tryBegan: wasSent = false
      case .sent: wasSent = true
      case .replayLost: isReplayLost = true
      case .answerHead: isAnswering = true
      case .requestEnded: hasEnded = true
      default: break
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `no order of events makes an exchange break its word`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var budget = RetryBudget(share: 0.2)
    var now = Instant(nanoseconds: 1)
    var ends: Set<String> = []
    for round in 0..<20_000 {
      let request = Exchange.Request(
        isIdempotent: random.below(2) == 0, hasBody: random.below(2) == 0,
        keepsConnection: random.below(2) == 0)
      let policy = RetryPolicy(
        attempts: random.below(4), onConnectFailure: random.below(4) > 0,
        onReset: random.below(4) > 0)
      var exchange = Exchange()
      exchange.begin(request, policy: policy)
      budget.countRequest(now)
      now = now + .milliseconds(Int64(random.below(400)))
      var seen = Seen(hasEnded: !request.hasBody)
      var event = Exchange.Event.tryBegan(isReused: random.below(2) == 0)
      for _ in 0..<40 {
        seen.note(event)
        let action = exchange.handle(event, budget: &budget, now: now)
        event = Self.event(&random)
        if action == .none { continue }
        ends.insert("\(action)")
        let place: Comment = "seed \(seed), round \(round)"
        guard case .tryAgain = action else {
          if case .fail = action { #expect(!seen.isAnswering, place) }
          if action == .finish(keepsConnection: true) {
            #expect(request.keepsConnection && seen.hasEnded, place)
          }
          break
        }
        seen.retries += 1
        #expect(request.isIdempotent || !seen.wasSent, place)
        #expect(!seen.isAnswering && !seen.isReplayLost, place)
        #expect(seen.retries <= policy.attempts + 1 && exchange.retries == seen.retries, place)
        event = .tryBegan(isReused: random.below(2) == 0)
      }
    }
    // Each end was reached, so that the rules above were put to a test.
    #expect(ends.count >= 18, "\(ends.sorted())")
  }
}
