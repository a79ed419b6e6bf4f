import Glibc
import Primitives
import Supervision

/// A process that is an engine, and the keeper's end of its link.
struct RunningEngine {
  /// How long an engine may live on without its link.
  static let linklessLife = TimeSpan.seconds(1)

  let pid: Int32
  let startedAt: Instant
  var link: EngineLink?
  /// It has said hello and was told all; messages go to it from here on.
  var isGreeted = false
  /// As it said with hello.
  var version = "unknown"
  /// When it is killed; nil: not at all.
  var killAt: Instant?
  /// What a successor prints before it has the keeper's own output.
  var output: EngineOutput?

  mutating func kill(atTheLatest at: Instant) { killAt = min(killAt ?? .distantFuture, at) }
}

/// An engine that gave up its place, and still has connections.
struct RetiredEngine {
  /// How many are let finish; beyond it the oldest is cut.
  static let most = 4

  let number: UInt64
  let since: WallTime
  /// What it drains within, from `handedOver` on.
  let drain: TimeSpan
  /// Nil while nobody else serves: until then it takes connections.
  var until: WallTime?
  var connections = 0
}

/// What a successor prints: kept for whoever wants to know why it failed, and passed on.
struct EngineOutput {
  private(set) var lines = LastLines()
  private var pipe: Int32

  init(pipe: Int32) { self.pipe = pipe }

  /// The reading end; -1 once it has ended.
  var descriptor: Int32 { pipe }

  static let readBytes = 16 << 10
  /// Taken at most at the end, when a process that left its group still writes.
  static let farewellBytes = 1 << 20

  /// Takes what waits and hands it on to standard error.
  @discardableResult
  mutating func take() -> Int {
    guard pipe >= 0 else { return 0 }
    do {
      let bytes = try Descriptor.read(pipe, limit: Self.readBytes)
      if bytes.isEmpty { close() }
      lines.append(bytes.span)
      StandardError.write(bytes)
      return bytes.count
    } catch {
      if error.code != EAGAIN, error.code != EINTR { close() }
      return 0
    }
  }

  /// Takes the rest and closes.
  mutating func finish() {
    var total = 0
    while total < Self.farewellBytes {
      let count = take()
      if count == 0 { break }
      total += count
    }
    close()
  }

  private mutating func close() {
    Descriptor.close(pipe)
    pipe = -1
  }
}
