public import Balancing
public import Primitives
public import Topology
import Wire

/// The decisions of one request's way through the proxy: what is tried again, what is answered by
/// ourselves, when a connection may be kept. It knows no version of HTTP, no socket and no bytes.
///
/// The driver's duties:
/// 1. `begin` when a request's head is complete, then choose a server.
/// 2. Report each event as it happens, in order, and carry out the action before the next event.
/// 3. Set a deadline for each phase and report its passing as `timedOut`.
/// 4. Between `tryAgain` and the next `tryBegan` report only what ends the exchange.
/// 5. Close the hedge, if one is under way, when an answer's head is relayed.
/// 6. After `tunnel` report the ends of both sides; neither says anything of the server.
/// 7. After `fail`, `finish`, `cut` or `abandon` close what is under way and report nothing more.
public struct Exchange: Sendable {
  private var request = Request(isIdempotent: false, hasBody: false, keepsConnection: false)
  private var policy = RetryPolicy()
  public private(set) var hasRequestEnded = true
  public private(set) var isAnswering = false
  /// Tries that were begun again, for whatever reason.
  public private(set) var retries = 0
  /// Second servers that were asked while the first was silent: 0 or 1.
  public private(set) var hedges = 0
  /// What `RetryPolicy.attempts` bounds: retries but for stale connections, and the hedge.
  private var countedTries = 0
  private var usedStaleRetry = false
  /// Whether bytes of the request went out on the present try, or on one beside it.
  private var wasSent = false
  /// Whether all that came of the request is held, so that it can be sent again.
  public private(set) var canReplay = true
  /// Nil before the first try and while a retry is waited for.
  private var present: Try?
  private var hedge = Hedge.none
  private var tunnel: Tunnel?

  /// Both sides send until they end, one after the other.
  private struct Tunnel: Sendable {
    var clientEnded = false
    var serverEnded = false
  }

  private struct Try: Sendable {
    var isReused: Bool
    var gotBytes = false
  }

  private enum Hedge: Sendable {
    case none, wanted
    case underWay(Try)
    case over
  }

  public init() {}

  public mutating func begin(_ request: Request, policy: RetryPolicy) {
    self = Exchange()
    self.request = request
    self.policy = policy
    hasRequestEnded = !request.hasBody
  }

  /// Whether the client's connection can serve another request when the answer, whose head is
  /// about to be relayed, ends. A request body that is still to come would have to be read first.
  public var keepsConnectionAfterAnswer: Bool {
    request.keepsConnection && hasRequestEnded && tunnel == nil
  }

  /// Whether the client asked for another protocol, and whether bytes of that go both ways now.
  public var isUpgrade: Bool { request.isStream }
  public var isTunnel: Bool { tunnel != nil }

  /// Whether a side of the tunnel sends no more.
  public func hasEnded(_ side: Side) -> Bool {
    guard let tunnel else { return false }
    return side == .client ? tunnel.clientEnded : tunnel.serverEnded
  }

  /// Whether a server may be sent again what one before may have acted upon.
  private var mayRepeat: Bool { request.isIdempotent && !request.isStream }

  public mutating func handle(
    _ event: Event, budget: inout RetryBudget, random: inout SeededRandom, now: Instant
  ) -> Action {
    switch event {
    case .noServer: return fail(.noHealthyServer)
    case .queueFull: return fail(.queueFull)
    case .serviceGone: return fail(.serviceGone)
    case .shed: return fail(.shed)
    case .tryBegan(let isReused):
      present = Try(isReused: isReused)
      wasSent = false
    case .connectFailed:
      return retry(.connectFailure, policy.onConnectFailure, &budget, &random, now)
        ?? fail(.connectFailure)
    case .sent: wasSent = true
    case .replayLost: canReplay = false
    case .requestEnded: hasRequestEnded = true
    case .upgradeRefused: return fail(.noUpgrade)
    case .requestBroken: return fail(.badBody)
    case .requestTooLarge: return fail(.bodyTooLarge)
    case .answerBytes: present?.gotBytes = true
    case .answerHead(let status): return answerHead(status, &budget, &random, now)
    case .callEnded(let status): return callEnded(status, &budget, &random, now)
    case .refused(let isGoingAway): return refused(isGoingAway, &budget, &random, now)
    case .answerBroken: return isAnswering ? .cut : promoteHedge() ?? .fail(.badAnswer)
    case .answerEnded: return .finish(keepsConnection: keepsConnectionAfterAnswer)
    case .switched(let isAsked): return switched(isAsked)
    case .sideEnded(let side): return sideEnded(side)
    case .serverClosed(let isReset): return serverClosed(isReset, &budget, &random, now)
    case .serverUnhealthy: return serverUnhealthy(&budget, &random, now)
    case .clientClosed: return isTunnel ? .cut : .abandon
    case .timedOut(let timeout): return timedOut(timeout, &budget, &random, now)
    case .hedgeDue: return hedgeDue(&budget, now)
    case .hedgeBegan(let isReused):
      if case .wanted = hedge { hedge = .underWay(Try(isReused: isReused)) }
    case .hedgeFailed: endHedge()
    case .hedgeWon: hedgeWon()
    }
    return .none
  }

  /// An answer that says only that the server's own upstream failed is not the best there is.
  private mutating func answerHead(
    _ status: Int, _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    if Self.gatewayErrors.contains(status), !isAnswering {
      // With another answer on its way there's no need to be content with this one.
      if let action = promoteHedge() { return action }
      // The server has acted upon the request, however little of it was reported as sent.
      let isSafe = mayRepeat && hasRequestEnded
      let isWanted = policy.onGatewayError && isSafe
      if let action = retry(.gatewayError, isWanted, &budget, &random, now) { return action }
    }
    isAnswering = true
    endHedge()
    return .none
  }

  /// Nothing of it was relayed yet, so that the call may still be made anew.
  private mutating func callEnded(
    _ status: GRPCStatus, _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    if policy.onGRPC.contains(status), !isAnswering {
      if let action = promoteHedge() { return action }
      let action = retry(
        .grpcStatus, hasRequestEnded, mayRepeat: true, &budget, &random, now)
      if let action { return action }
    }
    isAnswering = true
    endHedge()
    return .none
  }

  /// Safe to send again, whatever it is: nobody acted upon it (RFC 9113 section 8.7).
  private mutating func refused(
    _ isGoingAway: Bool, _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    if isAnswering { return .cut }
    if let action = promoteHedge() { return action }
    if isGoingAway, !usedStaleRetry, canReplay {
      usedStaleRetry = true
      retries += 1
      present = nil
      return .tryAgain(.staleConnection, after: .zero)
    }
    return retry(.refusedStream, policy.onRefusedStream, mayRepeat: true, &budget, &random, now)
      ?? fail(.refused)
  }

  /// RFC 9110 sections 15.6.3 to 15.6.5.
  private static let gatewayErrors = 502...504

  private mutating func serverClosed(
    _ isReset: Bool, _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    if isAnswering { return .cut }
    if let action = promoteHedge() { return action }
    let failure = isReset ? ExchangeFailure.serverReset : .serverClosed
    let isReused = present?.isReused ?? false
    let gotBytes = present?.gotBytes ?? false
    // What the server may have acted upon is sent again only if that changes nothing.
    guard request.isIdempotent || !wasSent && !gotBytes else { return fail(failure) }
    if isReused, !gotBytes, !usedStaleRetry, canReplay {
      usedStaleRetry = true
      retries += 1
      present = nil
      return .tryAgain(.staleConnection, after: .zero)
    }
    guard mayRepeat || !wasSent && !gotBytes else { return fail(failure) }
    return retry(.reset, policy.onReset, &budget, &random, now) ?? fail(failure)
  }

  /// Waiting on is hopeless, but not wrong: without a retry the request keeps its place.
  private mutating func serverUnhealthy(
    _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    guard let present, !present.gotBytes, mayRepeat || !wasSent, hasRequestEnded else {
      return .none
    }
    return promoteHedge() ?? retry(.timeout, true, &budget, &random, now) ?? .none
  }

  private mutating func timedOut(
    _ timeout: Timeout, _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action {
    switch timeout {
    case .queue: return fail(.queueTimeout)
    case .connect:
      return retry(.connectFailure, policy.onConnectFailure, &budget, &random, now)
        ?? fail(.connectTimeout)
    case .tryAnswer:
      return retry(.timeout, mayRepeat, &budget, &random, now) ?? fail(.responseTimeout)
    case .answer: return fail(.responseTimeout)
    // A tunnel has no whole that could take too long; it ends when it is idle.
    case .total: return isTunnel ? .none : fail(.totalTimeout)
    case .requestBody: return fail(.requestTimeout)
    case .answerBody: return .cut
    case .tunnel, .drain: return isTunnel ? .finish(keepsConnection: false) : .abandon
    }
  }

  // MARK: Tunnels

  /// RFC 9110 section 7.8: a server must not switch to what was not asked for.
  private mutating func switched(_ isAsked: Bool) -> Action {
    if isAnswering { return .cut }
    guard request.isStream, isAsked, hasRequestEnded else {
      return promoteHedge() ?? .fail(.badAnswer)
    }
    isAnswering = true
    tunnel = Tunnel()
    return .tunnel
  }

  private mutating func sideEnded(_ side: Side) -> Action {
    guard tunnel != nil, !hasEnded(side) else { return .none }
    switch side {
    case .client: tunnel?.clientEnded = true
    case .server: tunnel?.serverEnded = true
    }
    if hasEnded(.client), hasEnded(.server) { return .finish(keepsConnection: false) }
    return .passEnd(to: side == .client ? .server : .client)
  }

  /// - Returns: nil when the request may not go on.
  private mutating func retry(
    _ reason: RetryReason, _ isWanted: Bool, mayRepeat isSafe: Bool = false,
    _ budget: inout RetryBudget, _ random: inout SeededRandom, _ now: Instant
  ) -> Action? {
    if isAnswering { return nil }
    if let action = promoteHedge() { return action }
    guard isWanted, canReplay, isSafe || mayRepeat || !wasSent, takeTry(&budget, now) else {
      return nil
    }
    retries += 1
    present = nil
    endHedge()
    let wait = Backoff.wait(beforeRetry: countedTries - hedges, random: &random)
    return .tryAgain(reason, after: wait)
  }

  private mutating func takeTry(_ budget: inout RetryBudget, _ now: Instant) -> Bool {
    guard countedTries < policy.attempts, budget.takeRetry(now) else { return false }
    countedTries += 1
    return true
  }

  private func fail(_ failure: ExchangeFailure) -> Action {
    isAnswering ? .cut : .fail(failure)
  }

  // MARK: Hedging

  /// A second server is asked when the first is silent for longer than most answers take (Dean,
  /// Barroso, "The Tail at Scale", 2013): at most once a request, and only what may be repeated.
  private mutating func hedgeDue(_ budget: inout RetryBudget, _ now: Instant) -> Action {
    guard case .none = hedge, policy.hedgeAfter > .zero, request.isIdempotent, !request.isStream,
      hasRequestEnded, canReplay, !isAnswering, let present, !present.gotBytes,
      takeTry(&budget, now)
    else { return .none }
    hedges += 1
    hedge = .wanted
    return .hedge
  }

  private mutating func hedgeWon() {
    guard case .underWay(var winner) = hedge, let loser = present, !isAnswering else { return }
    winner.gotBytes = true
    present = winner
    hedge = .underWay(loser)
  }

  private mutating func endHedge() {
    if hedges > 0 { hedge = .over }
  }

  /// - Returns: nil when no hedge is under way.
  private mutating func promoteHedge() -> Action? {
    guard case .underWay(let heir) = hedge else { return nil }
    present = heir
    hedge = .over
    return .useHedge
  }
}
