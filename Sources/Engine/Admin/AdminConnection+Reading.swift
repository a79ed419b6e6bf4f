import EventLoop
import Primitives
import TLS
import Wire

/// From bytes of the socket to a request that is asked.
extension AdminConnection {
  func read() {
    if case .closed = phase { return }
    var buffer = [UInt8](repeating: 0, count: AdminLimits.readBytes)
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      if let tls { return unsafe tls.receive(into: bytes) }
      return unsafe StreamSocket.receive(descriptor, into: bytes)
    }
    if count == StreamSocket.interrupted, tls != nil {
      reactor.schedule(after: .zero) { [self] in readMore() }
      return
    }
    if count == StreamSocket.wouldBlock || count == StreamSocket.interrupted { return watch() }
    guard count > 0 else { return close() }
    // There may be more that TLS has decrypted, which no socket tells of.
    if tls != nil, count == buffer.count {
      reactor.schedule(after: .zero) { [self] in readMore() }
    }
    // What comes on a stream has nothing to ask.
    if case .streaming = phase { return }
    if case .head = phase, received.isEmpty { limit(to: AdminLimits.headTime) }
    received += buffer[..<count]
    proceed()
  }

  private func readMore() { if wantsToRead { read() } }

  func proceed() {
    switch phase {
    case .head: readHead()
    case .body(let request, let decoder, let most): readBody(request, decoder, most)
    case .answering, .streaming, .closed: return
    }
  }

  private func readHead() {
    do throws(HeadError) {
      guard try head.read(received.span) else { return watch() }
    } catch {
      return refuse(error.status, "\(error.reason)", "the request is not well-formed HTTP/1")
    }
    isHeadRequest = head.method == .head
    keepsAlive = head.keepsAlive && !isRetired
    isChunked = !head.isOldVersion
    let request = AdminRequest(head, received.span, peer: peer)
    received.removeFirst(head.count)
    guard let request else { return refuse(400, "bad-target", "the target is not well-formed") }
    let most = bodyLimit(request)
    if case .length(let length) = head.framing, length > Int64(most) {
      return refuse(413, "too-large", "a body may have \(most) bytes")
    }
    body = []
    let decoder = BodyDecoder(head.framing)
    phase = .body(request, decoder, most: most)
    if !decoder.isComplete {
      limit(to: AdminLimits.bodyTime)
      if head.expectsContinue, received.isEmpty {
        send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
      }
    }
    readBody(request, decoder, most)
  }

  private func readBody(_ request: AdminRequest, _ decoder: BodyDecoder, _ most: Int) {
    var (request, decoder) = (request, decoder)
    if !decoder.isComplete {
      do throws(BodyError) {
        var span = received.mutableSpan
        let decoded = try decoder.decode(&span, 0..<span.count)
        body += received[decoded.content]
        received.removeFirst(decoded.end)
      } catch {
        return refuse(400, "bad-body", "the body's framing is broken")
      }
      guard body.count <= most else {
        return refuse(413, "too-large", "a body may have \(most) bytes")
      }
      guard decoder.isComplete else {
        phase = .body(request, decoder, most: most)
        return watch()
      }
    }
    request.body = body
    body = []
    phase = .answering
    limit(to: AdminLimits.sendTime)
    watch()
    asked(self, request)
  }
}
