import Configuration
import EventLoop
import Synchronization

/// Where messages of Ballast's own go when that is not standard error: a thread of its own sends
/// them, so that no service that logs holds up the control plane. What it doesn't take goes to
/// standard error.
final class ProgramLog: Sendable {
  private struct State {
    var target = LogSettings.Target.standardError
    var file: LogFile?
  }

  private let state = Mutex(State())
  private let diverted = LostLines()

  /// Lines that went to standard error instead.
  var divertedLines: UInt64 { diverted.count }

  /// Whether all that was handed over is sent.
  var isWritten: Bool { state.withLock { $0.file }?.isWritten ?? true }

  /// Takes over another target.
  /// - Throws: when a thread for it can't begin; the former one stays in use.
  func follow(_ target: LogSettings.Target) throws(SystemError) {
    guard state.withLock({ $0.target }) != target else { return }
    let fallback: @Sendable (ArraySlice<UInt8>) -> Void = { line in
      // Behind its severity.
      EngineLog.print("\(Clock.wallTime) \(String(decoding: line.dropFirst(3), as: UTF8.self))")
    }
    let destination: LogSocket? =
      switch target {
      case .standardError: nil
      case .journald(let settings): LogSocket(settings, .program, fallback: fallback)
      case .syslog(let settings): LogSocket(settings, .program, fallback: fallback)
      }
    var file: LogFile?
    if let destination {
      let new = try LogFile(destination, lost: diverted)
      try new.run("log")
      file = new
    }
    let opened = file
    state.withLock { $0 = State(target: target, file: opened) }
  }

  /// - Parameters:
  ///   - severity: of RFC 5424.
  ///   - line: without its end, escaped.
  /// - Returns: false where it belongs on standard error.
  func write(severity: Int, _ line: String) -> Bool {
    guard let file = state.withLock({ $0.file }) else { return false }
    // A refused file's line stands with its caret below it.
    let text = line.split(separator: "\n").map { "<\(severity)>\($0)\n" }.joined()
    guard file.append(Array(text.utf8)) else {
      diverted.add(1)
      return false
    }
    return true
  }
}
