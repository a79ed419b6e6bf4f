import EventLoop
import Primitives
import TLS
import Wire

/// One connection to the admin listener: a request at a time, each answered whole or by a stream.
final class AdminConnection {
  private enum Phase {
    case head
    case body(AdminRequest, BodyDecoder, most: Int)
    case answering
    case streaming
    case closed
  }

  let id: UInt64
  private(set) var stream: AdminStream?
  private let reactor: Reactor
  private let descriptor: Int32
  private let tls: TLSSession?
  let peer: AdminPeer
  /// What a stream of it hangs on.
  var credential = AdminCredential.none
  private let bodyLimit: (AdminRequest) -> Int
  private let asked: (AdminConnection, AdminRequest) -> Void
  private let closed: (AdminConnection) -> Void

  private var phase = Phase.head
  private var head = RequestHead()
  private var received: [UInt8] = []
  private var body: [UInt8] = []
  private var unsent: [UInt8] = []
  private var sent = 0
  private var isHeadRequest = false
  private var keepsAlive = true
  private var isRetired = false
  private var isChunked = true
  private var endsAfterSending = false
  /// What is being sent, and how far it was read.
  private var file: (content: FileAnswer, offset: Int)?
  private var timer: UInt64?
  private var lastSend = Clock.now

  /// - Parameters:
  ///   - asked: called for every request; `answer` is to be called once for it.
  ///   - closed: called once, when the descriptor is closed.
  init(
    id: UInt64, descriptor: Int32, peer: AdminPeer, tls: TLSSession?, on reactor: Reactor,
    bodyLimit: @escaping (AdminRequest) -> Int,
    asked: @escaping (AdminConnection, AdminRequest) -> Void,
    closed: @escaping (AdminConnection) -> Void
  ) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    self.tls = tls
    self.reactor = reactor
    self.bodyLimit = bodyLimit
    self.asked = asked
    self.closed = closed
  }

  func run() {
    limit(to: AdminLimits.headTime)
    watch()
  }

  /// Ends with the answer that is under way, or at once.
  func retire() {
    isRetired = true
    switch phase {
    case .head where received.isEmpty && sent == unsent.count: close()
    case .streaming: close()
    case .head, .body, .answering, .closed: break
    }
  }

  func close() {
    if case .closed = phase { return }
    phase = .closed
    file = nil
    if let timer { reactor.cancel(timer) }
    reactor.forget(descriptor)
    tls?.shutdown()
    StreamSocket.close(descriptor)
    closed(self)
  }

  // MARK: Answering

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
      self.stream = stream
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

  /// What the client has not taken yet.
  var pendingBytes: Int { unsent.count - sent }

  func setStream(_ stream: AdminStream) { self.stream = stream }

  private func headBytes(_ answer: AdminAnswer, length: Int?) -> [UInt8] {
    var lines = "HTTP/1.1 \(answer.status) \(StatusText.of(answer.status))\r\n"
    lines += "Content-Type: \(answer.contentType)\r\n"
    if let length {
      lines += "Content-Length: \(length)\r\n"
    } else if isChunked {
      lines += "Transfer-Encoding: chunked\r\n"
    } else {
      keepsAlive = false
    }
    for header in answer.headers { lines += "\(header.name): \(header.value)\r\n" }
    if !answer.headers.contains(where: { $0.name == "Cache-Control" }) {
      lines += "Cache-Control: no-store\r\n"
    }
    lines += """
      Content-Security-Policy: \(Self.contentPolicy)\r
      X-Content-Type-Options: nosniff\r
      X-Frame-Options: DENY\r
      Referrer-Policy: no-referrer\r

      """
    if !keepsAlive { lines += "Connection: close\r\n" }
    return Array((lines + "\r\n").utf8)
  }

  /// The page takes its scripts, style, picture and data from here and nothing from elsewhere, is in no
  /// frame, and never makes markup or code of a text.
  private static let contentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    + "require-trusted-types-for 'script'; trusted-types 'none'"

  private func finishAnswer() {
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

  private func refuse(_ status: Int, _ code: String, _ message: String) {
    keepsAlive = false
    phase = .answering
    answer(.error(status, code, message))
  }

  // MARK: The socket

  private var wantsToRead: Bool {
    switch phase {
    case .head, .body, .streaming: true
    case .answering, .closed: false
    }
  }

  private func watch() {
    if case .closed = phase { return }
    var interest: Readiness = wantsToRead ? [.readable, .peerClosed] : []
    if sent < unsent.count || tls?.holdsOutput == true { interest.insert(.writable) }
    do {
      try reactor.watch(descriptor, interest) { [self] readiness in happened(readiness) }
    } catch {
      close()
    }
  }

  private func happened(_ readiness: Readiness) {
    if let tls, !tls.isEstablished { return shakeHands(tls) }
    if readiness.contains(.writable) { flush() }
    if case .closed = phase { return }
    if wantsToRead, !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]) {
      read()
    } else if !readiness.isDisjoint(with: .failed) {
      close()
    }
  }

  private func shakeHands(_ tls: TLSSession) {
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

  private func read() {
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

  private func send(_ bytes: [UInt8]) {
    // What has gone is dropped also when a slow reader never lets the rest become empty.
    if sent >= AdminLimits.readBytes {
      unsent.removeFirst(sent)
      sent = 0
    }
    unsent += bytes
    flush()
  }

  private func flush() {
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

  private func limit(to span: TimeSpan) {
    if let timer { reactor.cancel(timer) }
    timer = reactor.schedule(after: span) { [self] in
      timer = nil
      timeIsOver()
    }
  }

  private func timeIsOver() {
    switch phase {
    case .head where !received.isEmpty: refuse(408, "timeout", "the head did not come in time")
    case .body: refuse(408, "timeout", "the body did not come in time")
    case .streaming:
      let isStuck = sent < unsent.count && Clock.now - lastSend > AdminLimits.sendTime
      if isStuck { return close() }
      if case .logs = stream {} else { push(Array(": still here\n\n".utf8)) }
      if case .closed = phase { return }
      limit(to: AdminLimits.streamBeat)
    case .answering where sent == unsent.count && !endsAfterSending:
      // The answer is being made; that has limits of its own.
      limit(to: AdminLimits.sendTime)
    case .head, .answering, .closed: close()
    }
  }
}

// MARK: Reading requests

extension AdminConnection {
  private func proceed() {
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
