/// Times of the week in which only what matters most is told; the rest waits for their end.
public struct QuietHours: Sendable, Equatable {
  /// 0 is Monday; the days on which they begin.
  public var days: Set<Int>
  /// Minutes of the day; an end that is not later is on the next day.
  public var from: Int
  public var until: Int
  /// What is told all the same.
  public var except: AlertSeverity

  public init(days: Set<Int>, from: Int, until: Int, except: AlertSeverity) {
    self.days = days
    self.from = from
    self.until = until
    self.except = except
  }

  /// - Parameter minute: of the week, from Monday 00:00 on.
  public func hold(_ minute: Int) -> Bool {
    let (day, time) = (minute / 1_440, minute % 1_440)
    if until > from { return days.contains(day) && (from..<until).contains(time) }
    return days.contains(day) && time >= from
      || days.contains((day + 6) % 7) && time < until
  }
}
