import CLinux
import Configuration
import EventLoop
import Telemetry

/// Lines on standard error: `2026-11-20T20:07:45.123Z warning message`.
struct EngineLog: Sendable {
  var level: LogSettings.Level

  func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }
  func info(_ message: @autoclosure () -> String) { write(.info, message()) }
  func warning(_ message: @autoclosure () -> String) { write(.warning, message()) }
  func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  private func write(_ line: LogSettings.Level, _ message: @autoclosure () -> String) {
    guard line.rank >= level.rank else { return }
    Self.print("\(Clock.wallTime) \(line.rawValue) \(EscapedText(message()))")
  }

  /// One line as it is. Nothing can be done about a standard error that takes nothing.
  static func print(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    unsafe bytes.withUnsafeBytes { bytes in _ = unsafe cl_write(2, bytes.baseAddress, bytes.count) }
  }
}

extension LogSettings.Level {
  fileprivate var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}
