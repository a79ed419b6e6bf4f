public import Primitives

public struct RetryPolicy: Sendable, Equatable {
  /// Tries after the first.
  public var attempts: Int
  public var onConnectFailure: Bool
  public var onReset: Bool
  /// Answers of 502, 503 and 504.
  public var onGatewayError: Bool
  /// Share of requests, 0 … 1, on top of `RetryBudget.baseline` a second.
  public var budget: Double
  /// Zero means none.
  public var perTryTimeout: TimeSpan
  /// With no answer's head after this long, a second server is asked as well and the first answer
  /// wins (Dean, Barroso, "The Tail at Scale", 2013). Zero means never.
  public var hedgeAfter: TimeSpan

  public init(
    attempts: Int = 1, onConnectFailure: Bool = true, onReset: Bool = true,
    onGatewayError: Bool = false, budget: Double = 0.2, perTryTimeout: TimeSpan = .zero,
    hedgeAfter: TimeSpan = .zero
  ) {
    self.attempts = attempts
    self.onConnectFailure = onConnectFailure
    self.onReset = onReset
    self.onGatewayError = onGatewayError
    self.budget = budget
    self.perTryTimeout = perTryTimeout
    self.hedgeAfter = hedgeAfter
  }
}
