import Configuration
import EventLoop
import Primitives

/// What takes whole lines of a log: a file, the journal, a syslog server. It is the log's thread that
/// calls, so that it may take its time, within `LogTarget.patience` for each batch.
protocol LogDestination: Sendable {
  /// Nil where it stands, or may come to stand later.
  mutating func open(_ now: Instant) -> LogTarget.Failure?

  /// - Returns: how many lines are lost.
  mutating func write(_ text: [UInt8], _ now: Instant) -> Int

  mutating func reopen(_ now: Instant)
  mutating func rotate(by rotation: LogSettings.Rotation?)
  mutating func close()
}

extension LogDestination {
  mutating func reopen(_ now: Instant) {}
  mutating func rotate(by rotation: LogSettings.Rotation?) {}
}
