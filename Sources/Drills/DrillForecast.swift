public import Primitives

/// What is expected of a drill, from the settings and the load of now. Times and counts are upper
/// bounds; nil is not known.
public struct DrillForecast: Codable, Sendable, Equatable {
  /// From its beginning until the server is left out; nil: it is not.
  public var detectedWithin: TimeSpan?
  /// By what: `the end of its process`, `3 failed checks` … or why by nothing.
  public var detectedBy: String
  /// Requests that clients would see fail.
  public var failedAtMost: Int?
  /// From its end, of a kill from its beginning, until the server takes its share again.
  public var recoveredWithin: TimeSpan?

  /// The keeper hears of the end of a process at once, and tells; this is for a busy machine.
  static let exitNotice = TimeSpan.milliseconds(250)
  /// From a worker that ejects to the others, and to us.
  static let ejectionNotice = TimeSpan.milliseconds(50)
  /// A check varies by this share (`HealthPolicy.jitter`).
  static let jitter = 1.1

  public init(_ order: DrillOrder, _ facts: DrillFacts) {
    switch order.kind {
    case .kill: self = Self.kill(facts)
    case .hang: self = Self.hang(order, facts)
    case .slow: self = Self.slow(order, facts)
    case .errors: self = Self.errors(order, facts)
    }
  }

  private init(_ within: TimeSpan?, by: String, failed: Int?, recovered: TimeSpan?) {
    detectedWithin = within
    detectedBy = by
    failedAtMost = failed
    recoveredWithin = recovered
  }

  /// What is under way at it is lost; what can't be sent again fails. A connection that is refused is
  /// no loss: nothing was sent.
  private static func kill(_ facts: DrillFacts) -> DrillForecast {
    DrillForecast(
      exitNotice, by: "the end of its process", failed: lost(facts.inflight, facts),
      recovered: facts.startTime.map { $0.scaled(by: 2) + facts.fastInterval + exitNotice })
  }

  /// The next check begins within the interval and times out; those after it follow at the fast interval.
  private static func hang(_ order: DrillOrder, _ facts: DrillFacts) -> DrillForecast {
    guard facts.isWatched else {
      return DrillForecast(
        nil, by: "nothing: it has no checks", failed: nil, recovered: .zero)
    }
    let fast = min(facts.fastInterval, facts.checkInterval).scaled(by: jitter)
    let more = max(facts.fall - 1, 0)
    let within =
      facts.checkInterval.scaled(by: jitter) + facts.checkTimeout
      + max(facts.checkTimeout, fast).scaled(by: Double(more))
    guard within <= order.span else {
      return DrillForecast(
        nil, by: "perhaps nothing: \(facts.fall) checks can take \(within)", failed: nil,
        recovered: nil)
    }
    let came = facts.inflight + count(facts.requestsPerSecond * within.seconds)
    return DrillForecast(
      within, by: facts.fall == 1 ? "a failed check" : "\(facts.fall) failed checks",
      failed: lost(came, facts),
      recovered: facts.checkInterval.scaled(by: jitter) + facts.checkTimeout
        + fast.scaled(by: Double(max(facts.rise - 1, 0))))
  }

  private static func slow(_ order: DrillOrder, _ facts: DrillFacts) -> DrillForecast {
    guard let timeout = facts.answerTimeout, timeout <= order.delay else {
      return DrillForecast(
        nil, by: "nothing: no server is left out for being slow", failed: 0, recovered: .zero)
    }
    var forecast = errors(order, facts)
    forecast.detectedWithin = forecast.detectedWithin.map { $0 + timeout }
    forecast.failedAtMost = nil
    return forecast
  }

  /// Of W workers, one has seen N failures in a row once W (N − 1) + 1 requests have failed.
  private static func errors(_ order: DrillOrder, _ facts: DrillFacts) -> DrillForecast {
    let came =
      facts.concurrency + count(facts.requestsPerSecond * order.span.seconds * order.share)
    let isSeen = facts.ejectionFailures > 0 && facts.mayEject && order.share == 1
    guard isSeen, facts.requestsPerSecond > 0 else {
      let why =
        facts.requestsPerSecond <= 0
        ? "nothing: it has no requests"
        : order.share < 1 && facts.mayEject
          ? "perhaps nothing: a share of errors may never be \(facts.ejectionFailures) in a row"
          : "nothing: it may not be ejected"
      return DrillForecast(
        nil, by: why, failed: facts.retriesErrors ? lost(came, facts) : came, recovered: nil)
    }
    let needed = facts.workers * (facts.ejectionFailures - 1) + 1
    let run = Double(needed) / facts.requestsPerSecond
    let within = ejectionNotice + TimeSpan.milliseconds(count64(run * 1_000))
    // An ejection that is over is followed by trials, one a worker, and by one that is twice as long.
    var (ends, length, rounds) = (facts.ejectionTime, facts.ejectionTime, 0)
    while ends < order.span, rounds < 64 {
      length = min(length.scaled(by: 2), facts.longestEjection)
      ends = ends + length
      rounds += 1
    }
    let hits = min(
      facts.concurrency + facts.workers * (facts.ejectionFailures + rounds), max(came, needed))
    return DrillForecast(
      within, by: "\(facts.ejectionFailures) errors in a row",
      failed: facts.retriesErrors ? lost(hits, facts) : hits,
      // Those that an earlier drill or fault left make it longer; a fresh one is this long.
      recovered: ends - order.span + within + .seconds(1))
  }

  private static func lost(_ requests: Int, _ facts: DrillFacts) -> Int {
    guard facts.retries, facts.others > 0 else { return requests }
    return count(Double(requests) * facts.unrepeatable)
  }

  private static func count64(_ value: Double) -> Int64 { Int64(count(value)) }

  private static func count(_ value: Double) -> Int {
    value.isFinite ? Int(min(max(value, 0), 1e12).rounded(.up)) : 0
  }
}
