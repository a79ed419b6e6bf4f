public import Primitives

/// Who is told of which alerts, and how often.
public struct AlertRoute: Sendable, Equatable {
  /// Further channels for what nobody acknowledged.
  public struct Escalation: Sendable, Equatable {
    public var after: TimeSpan
    public var channels: [String]

    public init(after: TimeSpan, channels: [String]) {
      self.after = after
      self.channels = channels
    }
  }

  public var match: LabelMatch
  public var channels: [String]
  /// Alerts with the same values of these labels are told together.
  public var groupBy: [String]
  /// For others of the same group to come along.
  public var groupWait: TimeSpan
  /// Between two messages about a group in which something changed.
  public var groupInterval: TimeSpan
  /// Between two messages about a group in which nothing changed.
  public var repeatAfter: TimeSpan
  public var escalations: [Escalation]
  public var quietHours: [QuietHours]
  /// The routes after this one are looked at as well.
  public var goesOn: Bool

  public init(
    match: LabelMatch = LabelMatch(), channels: [String], groupBy: [String] = ["service"],
    groupWait: TimeSpan = .seconds(30), groupInterval: TimeSpan = .minutes(5),
    repeatAfter: TimeSpan = .hours(4), escalations: [Escalation] = [],
    quietHours: [QuietHours] = [], goesOn: Bool = false
  ) {
    self.match = match
    self.channels = channels
    self.groupBy = groupBy
    self.groupWait = groupWait
    self.groupInterval = groupInterval
    self.repeatAfter = repeatAfter
    self.escalations = escalations
    self.quietHours = quietHours
    self.goesOn = goesOn
  }
}

/// How much a channel may be used, and what happens when it fails.
public struct ChannelPolicy: Sendable, Equatable {
  /// Messages within `budgetPeriod`; more are put together into a digest.
  public var budget: Int
  public var budgetPeriod: TimeSpan
  /// Told as well while this one fails.
  public var fallback: String?
  /// Failures in a row from which on the fallback is told.
  public var fallbackAfter: Int
  /// Before the first repetition; doubles up to `longestBackoff`.
  public var backoff: TimeSpan
  public var longestBackoff: TimeSpan

  public init(
    budget: Int = 20, budgetPeriod: TimeSpan = .minutes(1), fallback: String? = nil,
    fallbackAfter: Int = 3, backoff: TimeSpan = .seconds(1),
    longestBackoff: TimeSpan = .minutes(1)
  ) {
    self.budget = max(1, budget)
    self.budgetPeriod = budgetPeriod
    self.fallback = fallback
    self.fallbackAfter = max(1, fallbackAfter)
    self.backoff = backoff
    self.longestBackoff = longestBackoff
  }
}

/// All that is configured.
public struct AlertPolicy: Sendable, Equatable {
  public var rules: [AlertRule]
  public var routes: [AlertRoute]
  public var channels: [String: ChannelPolicy]
  /// Those of the file.
  public var silences: [Silence]

  public init(
    rules: [AlertRule] = [], routes: [AlertRoute] = [], channels: [String: ChannelPolicy] = [:],
    silences: [Silence] = []
  ) {
    self.rules = rules
    self.routes = routes
    self.channels = channels
    self.silences = silences
  }
}
