import CLinux
import EventLoop
import Primitives
import Synchronization

/// Where log text goes: handed over here, written by a thread of its own, so that a slow disk never
/// holds up traffic. What the disk can't keep up with is refused, not kept. The thread ends with
/// the last reference, after all that it was handed.
final class LogFile: Sendable {
  /// Bytes handed over and not written yet.
  static let pendingLimit = 8 << 20

  private let writer: LogWriter

  /// - Parameter path: nil is standard output.
  init(path: String?) throws(SystemError) { writer = try LogWriter(path: path) }

  deinit { writer.mailbox.send(.end) }

  /// Opens the file and starts the thread.
  func run() throws(SystemError) { try writer.run() }

  /// Hands text over.
  /// - Returns: whether it was taken.
  func append(_ text: [UInt8]) -> Bool {
    guard writer.pending.load(ordering: .relaxed) + text.count <= Self.pendingLimit else {
      return false
    }
    writer.pending.add(text.count, ordering: .relaxed)
    writer.mailbox.send(.text(text))
    return true
  }

  func reopen() { writer.mailbox.send(.reopen) }

  /// Whether all that was handed over is written.
  var isWritten: Bool { writer.pending.load(ordering: .relaxed) == 0 }
}

/// The thread's side of a log file.
private final class LogWriter: Sendable {
  enum Message: Sendable {
    case text([UInt8])
    case reopen
    case end
  }

  private let path: String?
  let mailbox: Mailbox<Message>
  let pending = Atomic<Int>(0)

  init(path: String?) throws(SystemError) {
    self.path = path
    mailbox = try Mailbox()
  }

  /// A thread that can't begin takes nothing, so that its lines are soon refused and counted as lost.
  func run() throws(SystemError) {
    let descriptor = try open()
    try LoopThread.start("access-log") { [self] in
      guard let poller = try? Poller() else { return }
      _ = poller.watchReadable(mailbox.wakeUp.descriptor, token: 0)
      write(poller, descriptor)
    }
  }

  private func open() throws(SystemError) -> Int32 {
    guard let path else { return 1 }
    let result = unsafe cl_open_append(path)
    if result < 0 { throw SystemError(code: 0 &- result, operation: "open the access log \(path)") }
    return result
  }

  private func write(_ poller: borrowing Poller, _ first: Int32) {
    var descriptor = first
    while true {
      _ = poller.wait(milliseconds: -1)
      for message in mailbox.takeAll() {
        switch message {
        case .text(let text):
          Self.write(text, to: descriptor)
          pending.subtract(text.count, ordering: .relaxed)
        case .reopen:
          guard path != nil, let next = try? open() else { continue }
          StreamSocket.close(descriptor)
          descriptor = next
        case .end:
          if path != nil { StreamSocket.close(descriptor) }
          return
        }
      }
    }
  }

  /// A full disk loses these lines; the next ones are tried again.
  private static func write(_ text: [UInt8], to descriptor: Int32) {
    var written = 0
    while written < text.count {
      let result = unsafe text.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe cl_write(descriptor, base + written, bytes.count - written)
      }
      if result == -Int(EINTR) { continue }
      if result <= 0 { return }
      written += result
    }
  }
}
