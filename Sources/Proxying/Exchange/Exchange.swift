public import Balancing
public import Primitives
public import Topology

/// The decisions of one request's way through the proxy: what is tried again, what is answered by
/// ourselves, when a connection may be kept. It knows no version of HTTP, no socket and no bytes.
///
/// The driver's duties:
/// 1. `begin` when a request's head is complete, then choose a server.
/// 2. Report each event as it happens, in order, and carry out the action before the next event.
/// 3. Set a deadline for each phase and report its passing as `timedOut`.
/// 4. After `finish`, `cut` or `abandon` report nothing more.
public struct Exchange: Sendable {
  /// What the machine needs to know of a request.
  public struct Request: Sendable {
    public var isIdempotent: Bool
    public var hasBody: Bool
    public var keepsConnection: Bool

    public init(isIdempotent: Bool, hasBody: Bool, keepsConnection: Bool) {
      self.isIdempotent = isIdempotent
      self.hasBody = hasBody
      self.keepsConnection = keepsConnection
    }
  }

  public enum Timeout: Sendable {
    case queue, connect, tryAnswer, answer, total, requestBody, answerBody
  }

  public enum Event: Sendable {
    /// No server takes work · the queue is full · the service is gone from the topology.
    case noServer, queueFull, serviceGone
    /// A try began on a connection; `isReused` when it served a request before.
    case tryBegan(isReused: Bool)
    case connectFailed
    /// Bytes of the request went out on this try.
    case sent
    /// A part of the body was taken that is held nowhere, so it can't be sent again.
    case replayLost
    case requestEnded
    /// The body's framing is broken.
    case requestBroken
    /// Any byte of an answer came.
    case answerBytes
    /// The final answer's head, which the driver relays now.
    case answerHead
    /// The head can't be read, or too many interim answers came.
    case answerBroken
    case answerEnded
    /// The server closed, or broke the body's framing, before the answer's end.
    case serverClosed(isReset: Bool)
    /// The checks found the server that the try is at unhealthy.
    case serverUnhealthy
    case clientClosed
    case timedOut(Timeout)
  }

  public enum RetryReason: UInt8, Sendable { case connectFailure, reset, timeout, staleConnection }

  public enum Action: Sendable, Equatable {
    case none
    /// Choose a server and send all again. A stale connection says nothing of its server, so the
    /// same server may be tried, over a new connection.
    case tryAgain(RetryReason)
    /// Answer with our own error.
    case fail(ExchangeFailure)
    /// The answer is relayed whole.
    case finish(keepsConnection: Bool)
    /// The answer can't be completed: close the client's connection so that it notices.
    case cut
    /// Nobody waits for an answer: close both sides.
    case abandon
  }

  private var request = Request(isIdempotent: false, hasBody: false, keepsConnection: false)
  private var policy = RetryPolicy()
  public private(set) var hasRequestEnded = true
  public private(set) var isAnswering = false
  /// Tries that were begun again, for whatever reason.
  public private(set) var retries = 0
  private var countedRetries = 0
  private var usedStaleRetry = false
  private var wasSent = false
  private var gotBytes = false
  private var isReused = false
  private var canReplay = true

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
    request.keepsConnection && hasRequestEnded
  }

  public mutating func handle(
    _ event: Event, budget: inout RetryBudget, now: Instant
  ) -> Action {
    switch event {
    case .noServer: return fail(.noHealthyServer)
    case .queueFull: return fail(.queueFull)
    case .serviceGone: return fail(.serviceGone)
    case .tryBegan(let isReused):
      self.isReused = isReused
      (wasSent, gotBytes) = (false, false)
      return .none
    case .connectFailed:
      return retry(.connectFailure, policy.onConnectFailure, .connectFailure, &budget, now)
    case .sent: wasSent = true
    case .replayLost: canReplay = false
    case .requestEnded: hasRequestEnded = true
    case .requestBroken: return fail(.badBody)
    case .answerBytes: gotBytes = true
    case .answerHead: isAnswering = true
    case .answerBroken: return fail(.badAnswer)
    case .answerEnded: return .finish(keepsConnection: keepsConnectionAfterAnswer)
    case .serverClosed(let isReset): return serverClosed(isReset, &budget, now)
    case .serverUnhealthy: return serverUnhealthy(&budget, now)
    case .clientClosed: return .abandon
    case .timedOut(let timeout): return timedOut(timeout, &budget, now)
    }
    return .none
  }

  private mutating func serverClosed(
    _ isReset: Bool, _ budget: inout RetryBudget, _ now: Instant
  ) -> Action {
    if isAnswering { return .cut }
    let failure = isReset ? ExchangeFailure.serverReset : .serverClosed
    // What the server may have acted upon is sent again only if that changes nothing.
    guard request.isIdempotent || !wasSent, !gotBytes || request.isIdempotent else {
      return fail(failure)
    }
    if isReused, !gotBytes, !usedStaleRetry, canReplay {
      usedStaleRetry = true
      retries += 1
      return .tryAgain(.staleConnection)
    }
    return retry(.reset, policy.onReset, failure, &budget, now)
  }

  /// Waiting on is hopeless, but not wrong: without a retry the request keeps its place.
  private mutating func serverUnhealthy(_ budget: inout RetryBudget, _ now: Instant) -> Action {
    guard request.isIdempotent || !wasSent, hasRequestEnded, !gotBytes else { return .none }
    let action = retry(.timeout, true, .responseTimeout, &budget, now)
    if case .fail = action { return .none }
    return action
  }

  private mutating func timedOut(
    _ timeout: Timeout, _ budget: inout RetryBudget, _ now: Instant
  ) -> Action {
    switch timeout {
    case .queue: return fail(.queueTimeout)
    case .connect:
      return retry(.connectFailure, policy.onConnectFailure, .connectTimeout, &budget, now)
    case .tryAnswer:
      guard request.isIdempotent else { return fail(.responseTimeout) }
      return retry(.timeout, true, .responseTimeout, &budget, now)
    case .answer: return fail(.responseTimeout)
    case .total: return fail(.totalTimeout)
    case .requestBody: return fail(.requestTimeout)
    case .answerBody: return .cut
    }
  }

  private mutating func retry(
    _ reason: RetryReason, _ isWanted: Bool, _ failure: ExchangeFailure,
    _ budget: inout RetryBudget, _ now: Instant
  ) -> Action {
    guard isWanted, canReplay, !isAnswering, request.isIdempotent || !wasSent,
      countedRetries < policy.attempts, budget.takeRetry(now)
    else { return fail(failure) }
    countedRetries += 1
    retries += 1
    return .tryAgain(reason)
  }

  private func fail(_ failure: ExchangeFailure) -> Action {
    isAnswering ? .cut : .fail(failure)
  }
}
