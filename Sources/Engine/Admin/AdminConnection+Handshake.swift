import EventLoop
import Primitives
import TLS

/// TLS, before anything is asked.
extension AdminConnection {
  func shakeHands(_ tls: TLSSession) {
    switch tls.handshake() {
    case .done:
      watch()
      // The first request may have come with the last of the handshake.
      read()
    case .waiting:
      watch()
      if tls.hasMore { reactor.schedule(after: .zero) { [self] in goOnShakingHands(tls) } }
    case .failed:
      if tls.failure == .plainHTTP { tellOfTLS() }
      close()
    }
  }

  private func goOnShakingHands(_ tls: TLSSession) {
    if case .closed = phase { return }
    if !tls.isEstablished { shakeHands(tls) }
  }

  /// For a person who wrote http; what doesn't fit into the socket is not for anybody.
  private func tellOfTLS() {
    let text = "This is https: write https:// in the place of http://.\n"
    let answer = Array(
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)"
        .utf8)
    _ = unsafe answer.withUnsafeBytes { unsafe StreamSocket.send(descriptor, $0) }
  }
}
