import EventLoop
import Primitives

/// What goes out for a request: an answer whole, a file, or a stream that goes on.
extension AdminConnection {
  func answer(_ answer: AdminAnswer) {
    guard case .answering = phase else { return }
    if isRetired { keepsAlive = false }
    switch answer.content {
    case .whole(let bytes):
      send(headBytes(answer, length: bytes.count) + (isHeadRequest ? [] : bytes))
      finishAnswer()
    case .file(let content):
      if !isHeadRequest { file = (content, 0) }
      send(headBytes(answer, length: content.count))
      if isHeadRequest { finishAnswer() }
    case .stream(let stream):
      send(headBytes(answer, length: nil))
      guard !isHeadRequest else { return finishAnswer() }
      setStream(stream)
      phase = .streaming
      limit(to: AdminLimits.streamBeat)
      watch()
      pushAll(answer.beginning)
    }
  }

  /// Sends a part of a stream; a client that doesn't keep up is dropped.
  func push(_ bytes: [UInt8]) {
    guard case .streaming = phase, !bytes.isEmpty else { return }
    guard pendingBytes + bytes.count <= AdminLimits.streamBytes else { return close() }
    pushAll(bytes)
  }

  /// What was asked for is sent whole, however long it is.
  private func pushAll(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if isChunked {
      send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
    } else {
      send(bytes)
    }
  }

  func finishAnswer() {
    guard keepsAlive else {
      endsAfterSending = true
      return flush()
    }
    phase = .head
    limit(to: received.isEmpty ? AdminLimits.idleTime : AdminLimits.headTime)
    // What was sent ahead is a request of its own, taken up from the loop: no recursion.
    // And what TLS has decrypted already, no socket tells of.
    if received.isEmpty { watch() }
    if !received.isEmpty || tls != nil { reactor.schedule(after: .zero) { [self] in goOn() } }
  }

  private func goOn() {
    guard case .head = phase else { return }
    if received.isEmpty { read() } else { proceed() }
  }

  func refuse(_ status: Int, _ code: String, _ message: String) {
    keepsAlive = false
    phase = .answering
    answer(.error(status, code, message))
  }
}
