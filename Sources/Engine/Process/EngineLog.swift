import CLinux
import Configuration
import EventLoop
import Telemetry

/// Messages of Ballast's own: lines on standard error, `2026-11-20T20:07:45.123Z warning message`,
/// or where the configuration says.
struct EngineLog: Sendable {
  var level: LogSettings.Level
  /// Nil is standard error.
  var target: ProgramLog?

  init(level: LogSettings.Level, target: ProgramLog? = nil) {
    self.level = level
    self.target = target
  }

  func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }
  func info(_ message: @autoclosure () -> String) { write(.info, message()) }
  func warning(_ message: @autoclosure () -> String) { write(.warning, message()) }
  func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  /// A line that is shown as it is, such as a part of a refusal: in the log where that is elsewhere.
  func show(_ line: String) {
    let isTaken = target?.write(severity: LogSettings.Level.error.severity, line) ?? false
    if !isTaken { Self.print(line) }
  }

  private func write(_ line: LogSettings.Level, _ message: @autoclosure () -> String) {
    guard line.rank >= level.rank else { return }
    let text = "\(EscapedText(message()))"
    if let target, target.write(severity: line.severity, text) { return }
    Self.print("\(Clock.wallTime) \(line.rawValue) \(text)")
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

  /// RFC 5424 section 6.2.1.
  fileprivate var severity: Int {
    switch self {
    case .debug: 7
    case .info: LogMessageForm.informational
    case .warning: 4
    case .error: 3
    }
  }
}
