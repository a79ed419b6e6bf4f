/// At least so many replicas at certain times of the week.
public struct ScheduledMinimum: Sendable, Equatable {
  static let minutesOfDay = 1_440
  static let minutesOfWeek = 7 * minutesOfDay

  /// Days on which it begins, Monday is 0.
  public var days: Set<Int>
  /// Minutes of the day, 0 … 1440; one that ends no later than it begins ends on the day after.
  public var begin: Int
  public var end: Int
  public var minimum: Int

  public init(days: Set<Int>, begin: Int, end: Int, minimum: Int) {
    self.days = days
    self.begin = begin
    self.end = end
    self.minimum = minimum
  }

  /// - Parameter minute: of the week, from Monday 00:00 on, in the time that the schedule is written in.
  public func holds(at minute: Int) -> Bool {
    let length = end > begin ? end - begin : end - begin + Self.minutesOfDay
    return days.contains { day in
      let since = minute - day * Self.minutesOfDay - begin
      let wrapped = since < 0 ? since + Self.minutesOfWeek : since
      return wrapped < length
    }
  }
}
