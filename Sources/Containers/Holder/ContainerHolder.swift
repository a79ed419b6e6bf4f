internal import CLinux
internal import EventLoop
internal import Glibc
internal import Supervision

/// The process that stands for a container under the keeper: it makes and starts it, passes its output and
/// signals on, and ends when it does, with its code. So the keeper and all above it see a process
/// (docs/decisions/0017).
///
/// SIGALRM means that SIGKILL follows: the container is killed at once. With the holder killed, the container
/// runs on, until another holder of the same replica takes it over or removes it, or the engine does.
public enum ContainerHolder {
  /// Between SIGALRM and SIGKILL.
  public static let killNoticeMilliseconds: Int64 = 10_000
  /// The code when it is the holder that failed, as of `docker run`.
  static let failed: Int32 = 125
  /// And when it was told to die before there was a container.
  static let killed: Int32 = 128 + 9
  /// Before a signal that the daemon did not take is sent again.
  static let retryMilliseconds: Int32 = 200

  /// Whether a holder's last line tells of the kernel's kill for want of memory.
  public static func ranOutOfMemory(_ lastLines: [String]) -> Bool {
    lastLines.last?.hasPrefix("ballast: \(HeldContainer.outOfMemory)") ?? false
  }

  private static let passed = [SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM]

  /// Runs until the container has ended; returns the exit code.
  public static func run() -> Int32 {
    let signals = signals_open()
    for number in passed { _ = signals_catch(number) }
    _ = signals_ignore(SIGPIPE)
    guard signals >= 0, let held = HeldContainer.ordered() else {
      HolderVoice.say("this program is started by `ballast run`")
      return failed
    }
    do throws(EventLoop.SystemError) {
      let ends = try Mailbox<Int32>()
      try LoopThread.start("container") { ends.send(held.run()) }
      return watch(held, signals, ends)
    } catch {
      HolderVoice.say("\(error)")
      return failed
    }
  }

  private static func watch(
    _ held: HeldContainer, _ signals: Int32, _ ends: Mailbox<Int32>
  ) -> Int32 {
    var waiting: [Int32] = []
    while true {
      var list = [
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        pollfd(fd: ends.wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let timeout = waiting.isEmpty ? -1 : retryMilliseconds
      _ = unsafe list.withUnsafeMutableBufferPointer { list in
        unsafe descriptors_wait(list.baseAddress, list.count, timeout)
      }
      if let code = ends.takeAll().first { return code }
      let came = (try? Descriptor.read(signals, limit: 64)) ?? []
      for number in came.map(Int32.init) where !waiting.contains(number) { waiting.append(number) }
      // Before there is a container, a daemon that takes its time must not keep this process.
      if came.contains(UInt8(SIGALRM)), !held.isBegun { return killed }
      waiting.removeAll { held.pass($0) }
    }
  }
}

/// What a holder says itself, among the container's output.
enum HolderVoice {
  static func say(_ text: String) { write(Array("ballast: \(text)\n".utf8)[...]) }

  static func write(_ bytes: ArraySlice<UInt8>) {
    // Whoever should read it is gone: then this process is about to end as well.
    try? Descriptor.write(bytes.span, to: STDOUT_FILENO)
  }
}
