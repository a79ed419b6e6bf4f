public import Primitives
public import Wire

public struct RetryPolicy: Sendable, Equatable {
  /// Tries after the first.
  public var attempts: Int
  public var onConnectFailure: Bool
  public var onReset: Bool
  /// Answers of 502, 503 and 504.
  public var onGatewayError: Bool
  /// A server that said, by HTTP/2, that it took nothing of the request.
  public var onRefusedStream: Bool
  /// Answers of gRPC that have no message and one of these statuses, whatever they may have done:
  /// who names a status says that its calls may be repeated.
  public var onGRPC: GRPCStatusSet
  /// Share of requests, 0 … 1, on top of `RetryBudget.baseline` a second.
  public var budget: Double
  /// Zero means none.
  public var perTryTimeout: TimeSpan
  /// With no answer's head after this long, a second server is asked as well and the first answer
  /// wins (Dean, Barroso, "The Tail at Scale", 2013). Zero means never.
  public var hedgeAfter: TimeSpan

  public init(
    attempts: Int = 1, onConnectFailure: Bool = true, onReset: Bool = true,
    onGatewayError: Bool = false, onRefusedStream: Bool = true,
    onGRPC: GRPCStatusSet = GRPCStatusSet(), budget: Double = 0.2, perTryTimeout: TimeSpan = .zero,
    hedgeAfter: TimeSpan = .zero
  ) {
    self.attempts = attempts
    self.onConnectFailure = onConnectFailure
    self.onReset = onReset
    self.onGatewayError = onGatewayError
    self.onRefusedStream = onRefusedStream
    self.onGRPC = onGRPC
    self.budget = budget
    self.perTryTimeout = perTryTimeout
    self.hedgeAfter = hedgeAfter
  }
}
