import Configuration
import Glibc
import Primitives

/// The minute of the week, from Monday 00:00 on.
enum WeekClock {
  private static let minutesOfDay = 1_440

  /// - Returns: in UTC, should the machine not know its time zone.
  static func minute(of time: WallTime, in zone: ScaleSettings.TimeZone) -> Int {
    let seconds = time.milliseconds / 1_000
    if zone == .local, let minute = localMinute(seconds) { return minute }
    // 1970-01-01 was a Thursday.
    let minutes = seconds / 60 % Int64(7 * minutesOfDay) + Int64(3 * minutesOfDay)
    return Int(minutes) % (7 * minutesOfDay)
  }

  private static func localMinute(_ seconds: Int64) -> Int? {
    var moment = time_t(seconds)
    var local = unsafe tm()
    guard unsafe localtime_r(&moment, &local) != nil else { return nil }
    let (weekday, hour, minute) = unsafe (local.tm_wday, local.tm_hour, local.tm_min)
    return (Int(weekday) + 6) % 7 * minutesOfDay + Int(hour) * 60 + Int(minute)
  }
}
