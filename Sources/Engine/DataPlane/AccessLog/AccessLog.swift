import Configuration
import EventLoop
import Primitives

/// One worker's access log: lines are collected here and go to the file in batches.
struct AccessLog {
  static let batchBytes = 65_536
  static let batchTime = TimeSpan.milliseconds(200)

  let format: AccessLogFormat
  /// Another one for each log of a configuration, so that what was kept for one is not taken for
  /// another's.
  let number: UInt32
  /// Nil where every request has its line.
  let sampling: AccessLogSampling?
  private let file: LogFile
  private var lines: [UInt8] = []
  private var pendingLines = 0
  private(set) var nextFlush: Instant?

  init(_ settings: LogSettings, number: UInt32, file: LogFile) {
    format = AccessLogFormat(settings.accessFormat)
    sampling = settings.sampling.map { AccessLogSampling($0) }
    self.number = number
    self.file = file
    lines.reserveCapacity(Self.batchBytes + 4096)
  }

  /// Takes one line, its line end included.
  mutating func append(_ line: UnsafeRawBufferPointer, now: Instant) {
    unsafe lines.append(contentsOf: line)
    pendingLines &+= 1
    if lines.count >= Self.batchBytes {
      flush(now)
    } else if nextFlush == nil {
      nextFlush = now + Self.batchTime
    }
  }

  /// A line could not be made.
  func lose() { file.lost.add(1) }

  mutating func flushIfDue(_ now: Instant) {
    if let due = nextFlush, now >= due { flush(now) }
  }

  mutating func flush(_ now: Instant) {
    nextFlush = nil
    if lines.isEmpty { return }
    if !file.append(lines) { file.lost.add(pendingLines) }
    pendingLines = 0
    lines = []
    lines.reserveCapacity(Self.batchBytes + 4096)
  }
}
