public import Primitives

/// Lengths of time are seconds.
public struct DrillRequest: Codable, Sendable, Equatable {
  /// `kill`, `hang`, `slow`, `errors`.
  public var kind: String
  /// Nil lets Ballast take one that has work.
  public var server: String?
  public var duration: Double?
  /// Of the server's requests, 0 … 1.
  public var share: Double?
  /// Of a slow answer.
  public var delay: Double?
  /// Also where it is not safe.
  public var force: Bool?
  /// Says what is expected, and does nothing.
  public var dryRun: Bool?

  public init(
    kind: String, server: String? = nil, duration: Double? = nil, share: Double? = nil,
    delay: Double? = nil, force: Bool? = nil, dryRun: Bool? = nil
  ) {
    self.kind = kind
    self.server = server
    self.duration = duration
    self.share = share
    self.delay = delay
    self.force = force
    self.dryRun = dryRun
  }
}

/// A drill: what was ordered, what was expected of it, and what came of it.
public struct DrillStatus: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable {
    /// Of a dry run.
    case planned
    case running
    /// It is undone; the server is not well yet.
    case recovering
    case done
    case notRecovered = "not-recovered"
    case stopped, refused, interrupted

    public var isEnd: Bool { self != .planned && self != .running && self != .recovering }
  }

  /// Upper bounds; nil is not known, or not to be expected.
  public struct Forecast: Codable, Sendable, Equatable {
    public var detectedWithin: Double?
    public var detectedBy: String
    public var failedAtMost: Int?
    public var recoveredWithin: Double?

    public init(
      detectedWithin: Double?, detectedBy: String, failedAtMost: Int?, recoveredWithin: Double?
    ) {
      self.detectedWithin = detectedWithin
      self.detectedBy = detectedBy
      self.failedAtMost = failedAtMost
      self.recoveredWithin = recoveredWithin
    }
  }

  /// As far as it got.
  public struct Outcome: Codable, Sendable, Equatable {
    /// From the beginning until the server was left out, and by what.
    public var detectedAfter: Double?
    public var detectedBy: String?
    /// Of the service, while it lasted: requests, those that failed, and tries that were repeated.
    public var requests: Int
    public var failed: Int
    public var retried: Int
    /// Answers that were held back or replaced.
    public var drilled: Int
    /// From the drill's end, of a kill from its beginning, until the server took its share again.
    public var recoveredAfter: Double?

    public init(
      detectedAfter: Double? = nil, detectedBy: String? = nil, requests: Int = 0, failed: Int = 0,
      retried: Int = 0, drilled: Int = 0, recoveredAfter: Double? = nil
    ) {
      self.detectedAfter = detectedAfter
      self.detectedBy = detectedBy
      self.requests = requests
      self.failed = failed
      self.retried = retried
      self.drilled = drilled
      self.recoveredAfter = recoveredAfter
    }
  }

  /// From 1, over the life of the state; 0 for a dry run.
  public var id: Int
  public var state: State
  public var kind: String
  public var service: String
  public var server: String
  /// In words: `hang for 10s`.
  public var order: String
  public var began: WallTime?
  public var ended: WallTime?
  public var forced: Bool
  /// Why it is not safe; of one that was forced, why it was not.
  public var objections: [String]
  /// Why it was refused or cut off.
  public var reason: String?
  public var predicted: Forecast
  public var measured: Outcome?

  public init(
    id: Int, state: State, kind: String, service: String, server: String, order: String,
    began: WallTime? = nil, forced: Bool, objections: [String], predicted: Forecast
  ) {
    self.id = id
    self.state = state
    self.kind = kind
    self.service = service
    self.server = server
    self.order = order
    self.began = began
    self.forced = forced
    self.objections = objections
    self.predicted = predicted
  }
}
