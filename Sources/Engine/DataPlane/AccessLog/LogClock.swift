import Primitives

/// The time as a log line wants it, made once a second and not once a line.
struct LogClock {
  private var second = Int64.min
  /// `2026-11-20T20:07:45.`, without the milliseconds.
  private var timestamp: [UInt8] = []
  /// `20/Nov/2026:20:07:45 +0000`.
  private var common: [UInt8] = []

  /// `2026-11-20T20:07:45.123Z`.
  mutating func appendTimestamp(_ time: WallTime, to writer: inout ByteWriter) {
    refresh(time)
    writer.append(timestamp)
    let milliseconds = Int(truncatingIfNeeded: time.milliseconds % 1_000)
    writer.append(threeDigits: max(0, milliseconds))
    writer.append(UInt8(ascii: "Z"))
  }

  mutating func appendCommon(_ time: WallTime, to writer: inout ByteWriter) {
    refresh(time)
    writer.append(common)
  }

  private mutating func refresh(_ time: WallTime) {
    let current = time.milliseconds / 1_000
    if current == second { return }
    second = current
    timestamp = Array(time.description.utf8.prefix(20))
    common = Array(time.commonLogForm.utf8)
  }
}
