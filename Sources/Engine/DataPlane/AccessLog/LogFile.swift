import Configuration
import EventLoop
import Synchronization

/// A log: its text is handed over here, written by a thread of its own, so that a slow disk never
/// holds up traffic. What its destination can't keep up with is refused, not kept. The thread ends with
/// the last reference, after all that it was handed.
final class LogFile: Sendable {
  /// Bytes handed over and not written yet; about as much again in batches that come at the same
  /// moment.
  static let pendingLimit = 8 << 20

  private let writer: LogWriter

  /// - Parameter lost: counts the lines that are lost.
  init(_ destination: some LogDestination, lost: LostLines) throws(SystemError) {
    writer = try LogWriter(destination, lost: lost)
  }

  deinit { writer.mailbox.send(.end) }

  var lost: LostLines { writer.lost }

  /// Opens the destination and starts the thread.
  func run(_ name: String) throws(SystemError) { try writer.run(name) }

  /// Hands text over: whole lines.
  /// - Returns: whether it was taken.
  func append(_ text: [UInt8]) -> Bool {
    guard writer.pending.load(ordering: .relaxed) + text.count <= Self.pendingLimit else {
      return false
    }
    writer.pending.add(text.count, ordering: .relaxed)
    writer.mailbox.send(.text(text))
    return true
  }

  /// Closes the file and opens its path again, which others may have renamed.
  func reopen() { writer.mailbox.send(.reopen) }

  func setRotation(_ rotation: LogSettings.Rotation?) { writer.mailbox.send(.rotation(rotation)) }

  /// Whether all that was handed over is written.
  var isWritten: Bool { writer.pending.load(ordering: .relaxed) == 0 }
}

/// How many lines of a log were lost since the engine began, whatever became of its destinations.
final class LostLines: Sendable {
  private let lines = Atomic<UInt64>(0)

  var count: UInt64 { lines.load(ordering: .relaxed) }

  func add(_ number: Int) { lines.wrappingAdd(UInt64(max(0, number)), ordering: .relaxed) }
}
