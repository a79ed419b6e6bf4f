public import Primitives

/// Two counters over time, all and the bad among them, in rings of growing coarseness: 10 s for 6 minutes,
/// 2 minutes for 6.5 hours, 30 minutes for 75 hours. At most 387 points of 24 bytes, and only the rings that
/// the longest window needs.
public struct CounterSeries: Codable, Sendable, Equatable {
  struct Point: Codable, Sendable, Equatable {
    var at: WallTime
    var total: UInt64
    var bad: UInt64
  }

  struct Ring: Codable, Sendable, Equatable {
    let stepSeconds: Int64
    let limit: Int
    /// Oldest first.
    var points: [Point] = []

    var reach: TimeSpan { .seconds(stepSeconds * Int64(limit)) }

    mutating func add(_ point: Point) {
      if let last = points.last, point.at - last.at < .seconds(stepSeconds) { return }
      points.append(point)
      if points.count > limit { points.removeFirst(points.count - limit) }
    }

    /// The newest that is not younger.
    func last(notAfter time: WallTime) -> Point? {
      var (low, high) = (0, points.count)
      while low < high {
        let middle = (low + high) / 2
        if points[middle].at <= time { low = middle + 1 } else { high = middle }
      }
      return low > 0 ? points[low - 1] : nil
    }
  }

  /// What came within a window.
  public struct Increase: Sendable, Equatable {
    public var total: UInt64
    public var bad: UInt64
    /// How far back it reaches: less than the window where the series is younger.
    public var span: TimeSpan

    /// Nil when there was nothing.
    public var share: Double? { total > 0 ? Double(min(bad, total)) / Double(total) : nil }
  }

  private var rings: [Ring]
  private var latest: Point?
  /// What the caller's counters showed last.
  private var seen: Seen?

  private struct Seen: Codable, Sendable, Equatable {
    var total: UInt64
    var bad: UInt64
  }

  /// - Parameter longest: of the windows that will be asked for; 72 hours at most.
  public init(longest: TimeSpan) {
    rings = [Ring(stepSeconds: 10, limit: 36)]
    if longest > rings[0].reach { rings.append(Ring(stepSeconds: 120, limit: 195)) }
    if longest > .minutes(385) { rings.append(Ring(stepSeconds: 1_800, limit: 156)) }
  }

  /// The longest window that it can answer.
  public var reach: TimeSpan { rings.last?.reach ?? .zero }

  /// Takes the counters as they are now; lower ones than before began anew.
  public mutating func observe(total: UInt64, bad: UInt64, now: WallTime) {
    var point = latest ?? Point(at: now, total: 0, bad: 0)
    // A clock that was set back must not bring the past into the future.
    if now < point.at { restart(at: now, &point) }
    if let seen {
      point.total &+= total >= seen.total ? total - seen.total : total
      point.bad &+= total >= seen.total && bad >= seen.bad ? bad - seen.bad : bad
    }
    seen = Seen(total: total, bad: bad)
    point.at = now
    latest = point
    for index in rings.indices { rings[index].add(point) }
  }

  /// After a restart of whoever counts: its counters begin at nothing, and what they show first is new.
  public mutating func countAnew() {
    if seen != nil { seen = Seen(total: 0, bad: 0) }
  }

  public func increase(over window: TimeSpan, now: WallTime) -> Increase? {
    guard let latest else { return nil }
    let start = WallTime(milliseconds: now.milliseconds).before(window)
    let ring = rings.first { $0.reach >= window } ?? rings[rings.count - 1]
    guard let first = ring.last(notAfter: start) ?? oldest, first.at < latest.at else {
      return nil
    }
    return Increase(
      total: latest.total &- first.total, bad: latest.bad &- first.bad, span: now - first.at)
  }

  /// The coarsest ring reaches back furthest.
  private var oldest: Point? {
    rings.compactMap(\.points.first).min { $0.at < $1.at }
  }

  private mutating func restart(at now: WallTime, _ point: inout Point) {
    for index in rings.indices { rings[index].points = [] }
    point = Point(at: now, total: 0, bad: 0)
  }
}

extension WallTime {
  func after(_ span: TimeSpan) -> WallTime {
    let (sum, overflow) = milliseconds.addingReportingOverflow(span.milliseconds)
    return WallTime(milliseconds: overflow ? (span > .zero ? .max : .min) : sum)
  }

  func before(_ span: TimeSpan) -> WallTime {
    let (difference, overflow) = milliseconds.subtractingReportingOverflow(span.milliseconds)
    return WallTime(milliseconds: overflow ? (span > .zero ? .min : .max) : difference)
  }
}
