import Primitives
import Supervision

/// The place of the one engine that is in charge: who is in it, and when the next one comes.
struct EngineSlot {
  /// Waits between engines that keep dying: none before the first restart, then from `firstWait`
  /// doubling to `longestWait`; an engine that was up for `steady` starts the count anew.
  static let firstWait = TimeSpan.milliseconds(100)
  static let longestWait = TimeSpan.seconds(5)
  static let steady = TimeSpan.seconds(10)

  /// Of `KeeperProcess.engines`; nil while there is none.
  var number: UInt64?
  /// Whether the one in it has said that it serves.
  var isServing = false
  var startedAt = Instant.zero
  /// When the next one is to be started; nil while one runs or none shall.
  var restartAt: Instant?
  var restarts = 0
  var lastEnd: String?
  private var deaths = 0

  /// The wait before the next engine after one ended at `now`.
  mutating func waitAfterEnd(now: Instant) -> TimeSpan {
    if now - startedAt >= Self.steady { deaths = 0 }
    deaths += 1
    guard deaths > 1 else { return .zero }
    var wait = Self.firstWait
    for _ in 2..<min(deaths, 16) where wait < Self.longestWait { wait = wait + wait }
    return min(wait, Self.longestWait)
  }
}
