internal import Glibc

/// Waits between two looks at the running Ballast.
enum Pause {
  static func milliseconds(_ count: Int) {
    var time = timespec(tv_sec: count / 1_000, tv_nsec: count % 1_000 * 1_000_000)
    // A signal only makes the next look come earlier.
    unsafe nanosleep(&time, nil)
  }
}

/// How long a watching command goes on while Ballast cannot be reached, such as while it restarts.
struct Patience {
  static let lossMilliseconds = 30_000
  static let retryMilliseconds = 500

  private var lostSince: ContinuousClock.Instant?

  /// After a success.
  mutating func restore() { lostSince = nil }

  /// Waits a little and lets the caller try again, or throws the failure: at once if nothing ever worked, or
  /// if it is of another sort.
  mutating func endure(
    _ failure: CommandFailure, everWorked: Bool, _ console: Console
  ) throws(CommandFailure) {
    guard everWorked, failure.status == .notReachable || failure.isUnavailable else {
      throw failure
    }
    if let since = lostSince {
      guard since.duration(to: .now) < .milliseconds(Self.lossMilliseconds) else { throw failure }
    } else {
      lostSince = .now
      console.message("connection lost, trying again: \(failure.message)")
    }
    Pause.milliseconds(Self.retryMilliseconds)
  }
}
