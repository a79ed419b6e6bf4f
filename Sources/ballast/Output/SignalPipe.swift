internal import Glibc
internal import Synchronization

/// Signals that end the program or tell of the terminal's size, as something that can be waited for.
/// There is one at a time; when it goes they do what they usually do.
final class SignalPipe {
  private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGWINCH]
  /// The writing end, for the handler, which may only touch what is atomic.
  private static let writing = Atomic<Int32>(-1)

  /// Readable when a signal has come; under zero where there is no descriptor left.
  let descriptor: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      descriptor = -1
      return
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    descriptor = ends[0]
    Self.writing.store(ends[1], ordering: .relaxed)
    for number in Self.numbers {
      _ = signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = unsafe write(SignalPipe.writing.load(ordering: .relaxed), &byte, 1)
      }
    }
  }

  deinit {
    for number in Self.numbers { _ = signal(number, SIG_DFL) }
    let end = Self.writing.exchange(-1, ordering: .relaxed)
    if end >= 0 { _ = close(end) }
    if descriptor >= 0 { _ = close(descriptor) }
  }

  /// The numbers that have come.
  func take() -> [Int32] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return bytes.prefix(max(0, count)).map(Int32.init)
  }
}
