import Balancing
import Primitives
import Proxying
import Testing
import Topology

/// Events in an order of chance, also those that no driver would report; only the begin of a try
/// and of a hedge follow the rules, for they say that all is sent again.
@Suite struct ExchangeStormTests {
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `no order of events makes an exchange break its word`(seed: UInt64) {
    var storm = Storm(seed: seed)
    for round in 0..<10_000 {
      storm.run(round)
    }
    // Each end was reached, so that the rules above were put to a test.
    #expect(storm.ends.count >= 27, "\(storm.ends.sorted())")
    #expect(storm.hedges > 50 && storm.handedOver > 10 && storm.tunnels > 50)
  }
}

/// What happened in one exchange, as an onlooker notes it.
private struct Seen {
  var wasSent = false
  var isReplayLost = false
  var isAnswering = false
  var hasEnded: Bool
  var gotAnswer = false
  var isTunnel = false
  var endedSides: [Exchange.Side] = []
  var hedgeIsUnderWay = false
  var retries = 0
  var hedges = 0
  var counted = 0

  mutating func note(_ event: Exchange.Event) {
    switch event {
    case .tryBegan: (wasSent, gotAnswer) = (false, false)
    case .sent: wasSent = true
    case .replayLost: isReplayLost = true
    case .answerHead, .switched: gotAnswer = true
    case .requestEnded: hasEnded = true
    case .hedgeBegan: hedgeIsUnderWay = true
    case .hedgeFailed: hedgeIsUnderWay = false
    default: break
    }
  }
}

private struct Storm {
  let seed: UInt64
  var random: SeededRandom
  var exchangeRandom: SeededRandom
  var budget = RetryBudget(share: 0.2)
  var now = Instant(nanoseconds: 1)
  var ends: Set<String> = []
  var hedges = 0
  var handedOver = 0
  var tunnels = 0
  /// Requests, and what was taken from the budget, by second.
  var requests: [UInt64: Int] = [:]
  var taken: [UInt64: Int] = [:]

  init(seed: UInt64) {
    self.seed = seed
    random = SeededRandom(seed: seed)
    exchangeRandom = SeededRandom(seed: ~seed)
  }

  private mutating func event() -> Exchange.Event {
    let timeouts: [Exchange.Timeout] = [
      .queue, .connect, .tryAnswer, .answer, .total, .requestBody, .answerBody, .tunnel, .drain,
    ]
    let quiet: [Exchange.Event] = [
      .sent, .sent, .replayLost, .requestEnded, .answerBytes, .serverUnhealthy, .hedgeDue,
      .hedgeDue, .hedgeFailed, .hedgeWon, .answerHead(status: [200, 404, 500][random.below(3)]),
      .sideEnded(random.below(2) == 0 ? .client : .server), .switched(isAsked: true),
    ]
    let loud: [Exchange.Event] = [
      .noServer, .queueFull, .serviceGone, .shed, .connectFailed, .connectFailed, .requestBroken,
      .answerBroken, .answerEnded, .serverClosed(isReset: true), .serverClosed(isReset: false),
      .serverClosed(isReset: false), .clientClosed, .timedOut(timeouts[random.below(9)]),
      .switched(isAsked: random.below(2) == 0),
      .answerHead(status: 502 + random.below(3)), .answerHead(status: 502 + random.below(3)),
    ]
    return random.below(2) == 0 ? quiet[random.below(quiet.count)] : loud[random.below(loud.count)]
  }

  mutating func run(_ round: Int) {
    let request = Exchange.Request(
      isIdempotent: random.below(2) == 0, hasBody: random.below(2) == 0,
      keepsConnection: random.below(2) == 0, isStream: random.below(4) == 0)
    let policy = RetryPolicy(
      attempts: random.below(4), onConnectFailure: random.below(4) > 0,
      onReset: random.below(4) > 0, onGatewayError: random.below(2) > 0,
      hedgeAfter: .milliseconds(Int64(random.below(2))))
    var exchange = Exchange()
    exchange.begin(request, policy: policy)
    now = now + .milliseconds(Int64(random.below(400)))
    budget.countRequest(now)
    requests[now.nanoseconds / 1_000_000_000, default: 0] += 1
    var seen = Seen(hasEnded: !request.hasBody)
    var event = Exchange.Event.tryBegan(isReused: random.below(2) == 0)
    let chance = random.below(40)
    // From some moment on each try fails; so it has to end, within the tries that there are.
    for step in 0..<60 {
      seen.note(event)
      let action = exchange.handle(event, budget: &budget, random: &exchangeRandom, now: now)
      let place: Comment = "seed \(seed), round \(round), step \(step), \(event): \(action)"
      check(action, after: event, exchange, request, policy, &seen, place)
      switch action {
      case .none, .useHedge, .tunnel, .passEnd:
        event = step < chance ? self.event() : .serverClosed(isReset: true)
      case .tryAgain: event = .tryBegan(isReused: random.below(2) == 0)
      case .hedge:
        event = random.below(4) > 0 ? .hedgeBegan(isReused: random.below(2) == 0) : .hedgeFailed
      case .fail, .finish, .cut, .abandon: return
      }
    }
    Issue.record("no end: seed \(seed), round \(round)")
  }

  private mutating func check(
    _ action: Exchange.Action, after event: Exchange.Event, _ exchange: Exchange,
    _ request: Exchange.Request, _ policy: RetryPolicy, _ seen: inout Seen, _ place: Comment
  ) {
    if case .tryAgain(let reason, _) = action {
      ends.insert("again \(reason)")
    } else {
      ends.insert("\(action)")
    }
    switch action {
    case .none:
      if case .answerHead = event { (seen.isAnswering, seen.hedgeIsUnderWay) = (true, false) }
    case .tryAgain(let reason, let wait):
      seen.retries += 1
      if reason != .staleConnection { take(&seen) }
      let isRepeatable = request.isIdempotent && (!request.isStream || reason == .staleConnection)
      #expect(isRepeatable || !seen.wasSent && !seen.gotAnswer, place)
      #expect(!seen.isAnswering && !seen.isReplayLost && !seen.hedgeIsUnderWay, place)
      #expect(wait >= .zero && wait <= Backoff.longest, place)
      #expect(wait == .zero || seen.retries > 1, place)
    case .hedge:
      hedges += 1
      seen.hedges += 1
      take(&seen)
      #expect(request.isIdempotent && !request.isStream && policy.hedgeAfter > .zero, place)
      #expect(seen.hasEnded && !seen.isReplayLost && !seen.isAnswering, place)
    case .useHedge:
      handedOver += 1
      #expect(seen.hedgeIsUnderWay && !seen.isAnswering, place)
      seen.hedgeIsUnderWay = false
    case .tunnel:
      tunnels += 1
      #expect(request.isStream && seen.hasEnded && !seen.isAnswering, place)
      guard case .switched(isAsked: true) = event else {
        Issue.record("a tunnel without a switch, \(place)")
        return
      }
      (seen.isAnswering, seen.isTunnel) = (true, true)
    case .passEnd(let side):
      #expect(seen.isTunnel && seen.endedSides.isEmpty, place)
      seen.endedSides.append(side)
    case .fail: #expect(!seen.isAnswering, place)
    case .finish(let keeps):
      let mayKeep = request.keepsConnection && seen.hasEnded && !seen.isTunnel
      #expect(!keeps || mayKeep, place)
    case .cut: break
    case .abandon: #expect(!seen.isTunnel, place)
    }
    #expect(exchange.isTunnel == seen.isTunnel, place)
    #expect(exchange.retries == seen.retries && exchange.hedges == seen.hedges, place)
    #expect(seen.hedges <= 1 && seen.counted <= policy.attempts, place)
    #expect(seen.retries + seen.hedges <= policy.attempts + 1, place)
  }

  /// Notes what the budget gave, and that it had it.
  private mutating func take(_ seen: inout Seen) {
    seen.counted += 1
    let second = now.nanoseconds / 1_000_000_000
    taken[second, default: 0] += 1
    let window = (second < 9 ? 0 : second - 9)...second
    let sum = { (counts: [UInt64: Int]) in window.reduce(0) { $0 + (counts[$1] ?? 0) } }
    let allowed = Double(sum(requests)) * 0.2 + Double(RetryBudget.baseline * 10)
    #expect(Double(sum(taken)) < allowed + 1, "seed \(seed)")
  }
}
