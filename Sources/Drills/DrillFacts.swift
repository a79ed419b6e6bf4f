public import Primitives

/// What is known of a service and one of its servers at the moment of an order.
public struct DrillFacts: Sendable, Equatable {
  // The server.
  public var isReplica = false
  /// Its replica is a container, which signals to its process don't reach.
  public var isContainer = false
  public var takesWork = true
  /// Requests under way at it, and how many it gets in a second.
  public var inflight = 0
  public var requestsPerSecond = 0.0
  /// The most that can be under way at it at some moment: its open connections.
  public var concurrency = 0
  /// From the start of its replica to its first good check, the last time; nil when not known.
  public var startTime: TimeSpan?

  // The service.
  /// Whether its answers are HTTP.
  public var isHTTP = true
  public var servers = 1
  /// Servers that take work, without this one.
  public var others = 0
  /// How many are needed at the load of now, and what says so.
  public var needed = 1
  public var neededFrom = ""
  /// With a smaller share of healthy servers, 0 … 1, it would be in panic.
  public var panic = 0.0
  /// One server at a time is active: nobody else takes work until another is promoted.
  public var hasStandbys = false
  public var isChanging = false
  public var openFaults = 0
  /// Of Ballast: it stops, or another engine takes over.
  public var isEnding = false
  public var runningDrill: Int?

  // How it is watched.
  public var isWatched = true
  public var checkInterval = TimeSpan.seconds(2)
  /// The longest time between checks while results disagree with what is known.
  public var fastInterval = TimeSpan.milliseconds(500)
  public var checkTimeout = TimeSpan.seconds(1)
  public var rise = 2
  public var fall = 3

  // How its traffic is judged.
  public var workers = 1
  /// Failures in a row that eject; 0 never does.
  public var ejectionFailures = 5
  public var ejectionTime = TimeSpan.seconds(10)
  public var longestEjection = TimeSpan.minutes(5)
  public var mayEject = true
  /// Share of the requests that must not be sent twice, 0 … 1.
  public var unrepeatable = 0.0
  public var retries = true
  public var retriesErrors = false
  /// Until the first timeout that a held answer meets; nil for none.
  public var answerTimeout: TimeSpan?

  public init() {}
}
