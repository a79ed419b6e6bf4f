import EventLoop
import Primitives
import TLS

/// Bytes that wait for the client, and files that are read as it takes them.
extension AdminConnection {
  func send(_ bytes: [UInt8]) {
    // What has gone is dropped also when a slow reader never lets the rest become empty.
    if sent >= AdminLimits.readBytes {
      unsent.removeFirst(sent)
      sent = 0
    }
    unsent += bytes
    flush()
  }

  func flush() {
    for _ in 0..<AdminLimits.filePiecesPerTurn {
      guard flushUnsent() else { return }
      guard readFile() else { return }
    }
    // Others have their turn.
    limit(to: AdminLimits.sendTime)
    watch()
  }

  /// Takes the next piece of a file that is being sent.
  /// - Returns: whether there is more to send.
  private func readFile() -> Bool {
    guard let (content, offset) = file else { return false }
    if offset == content.count {
      file = nil
      finishAnswer()
      return false
    }
    unsent = content.piece(at: offset)
    file = (content, offset + unsent.count)
    // Its length has been told: an answer that is cut off is known as such.
    if unsent.isEmpty { close() }
    return !unsent.isEmpty
  }

  /// - Returns: whether all is out, and the connection still there.
  private func flushUnsent() -> Bool {
    while sent < unsent.count {
      let count = unsafe unsent.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
        if let tls { return unsafe tls.send(rest) }
        return unsafe StreamSocket.send(descriptor, rest)
      }
      if count == StreamSocket.interrupted { continue }
      if count == StreamSocket.wouldBlock {
        if case .answering = phase { limit(to: AdminLimits.sendTime) }
        watch()
        return false
      }
      guard count > 0 else {
        close()
        return false
      }
      sent += count
      lastSend = Clock.now
    }
    unsent = []
    sent = 0
    if endsAfterSending {
      close()
      return false
    }
    watch()
    return true
  }
}
