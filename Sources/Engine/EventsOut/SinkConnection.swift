import CLinux
import EventLoop
import Glibc
import Messaging
import Primitives
import TLS

/// What cuts waits short.
struct SinkInterrupt: Sendable {
  let wakeUp: WakeUp
  /// Whether whoever woke wants the connection to be given up.
  let isWanted: @Sendable () -> Bool
}

/// One connection to a sink, spoken to by blocking its thread, with a deadline on each wait. Closes
/// when it goes.
final class SinkConnection {
  let server: HostAndPort
  /// How many of the last messages were: the first ones.
  private(set) var acknowledged = 0
  private var session: SinkSession
  private let descriptor: Int32
  private let interrupt: SinkInterrupt
  private var tls: TLSSession?
  /// The last read filled its buffer.
  private var hasMore = false

  /// Whether there may be something that the socket does not tell of, such as what TLS has decrypted.
  private var mayReadOn: Bool { hasMore || tls?.hasMore == true }

  /// To the next step of getting to know one another: an address that is reached, TLS, the greeting.
  static let openTime = TimeSpan.seconds(10)
  /// To the next sign that a batch is taken.
  static let answerTime = TimeSpan.seconds(10)
  /// Of one read.
  private static let readBytes = 16 << 10

  enum Problem: Error {
    case interrupted
    case failed(SinkFailure)

    static func failed(_ text: String) -> Problem { .failed(SinkFailure(text)) }
  }

  private init(
    _ server: HostAndPort, _ descriptor: Int32, _ session: SinkSession,
    _ interrupt: SinkInterrupt
  ) {
    self.server = server
    self.descriptor = descriptor
    self.session = session
    self.interrupt = interrupt
  }

  deinit {
    tls?.shutdown()
    StreamSocket.close(descriptor)
  }

  /// Connects, and gets to where messages are taken.
  static func open(
    _ target: SinkTarget, _ server: HostAndPort, _ interrupt: SinkInterrupt
  ) throws(Problem) -> SinkConnection {
    guard let session = target.session() else {
      throw .failed("the system gives no randomness")
    }
    let connection = SinkConnection(
      server, try connect(server, interrupt), session, interrupt)
    switch target.security {
    case .none: break
    case .tls(nil, _): throw .failed("its certificates' files cannot be used")
    case .tls(let context?, let name):
      connection.tls = TLSSession(
        client: context, descriptor: connection.descriptor, serverName: name ?? server.host)
      guard connection.tls != nil else { throw .failed("there is no memory for TLS") }
      if connection.session.beginsWithTLS { try connection.secure() }
    }
    try connection.progress { $0 == .ready }
    return connection
  }

  /// Sends them and waits until each is acknowledged, or one is refused.
  func send(_ messages: [SinkMessage]) throws(Problem) {
    acknowledged = 0
    guard session.progress == .ready else { throw .failed("\(server) is not ready") }
    session.send(messages)
    defer { acknowledged = session.acknowledged }
    try progress { $0 == .ready }
  }

  var refusal: SinkRefusal? { session.refusal }

  /// What the server says while nobody asks: it looks whether the client lives, or leaves.
  func listen() throws(Problem) {
    try receive()
    try flush(until: Clock.now + Self.answerTime)
    if case .failed(let failure) = session.progress { throw .failed(failure) }
  }

  /// Waits until there is something to read, or the wake-up.
  static func wait(_ connection: SinkConnection?, _ wakeUp: WakeUp) {
    if connection?.mayReadOn == true { return }
    var list = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    if let connection {
      list.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
    }
    _ = unsafe list.withUnsafeMutableBufferPointer { list in
      unsafe descriptors_wait(list.baseAddress, list.count, -1)
    }
  }

  // MARK: Steps

  private static func connect(
    _ server: HostAndPort, _ interrupt: SinkInterrupt
  ) throws(Problem) -> Int32 {
    let addresses: [SocketAddress]
    do throws(EventLoop.SystemError) {
      addresses = try HostLookup.addresses(of: server)
    } catch {
      throw .failed("\(error)")
    }
    var problem = Problem.failed("cannot connect to \(server)")
    for address in addresses {
      let descriptor = StreamSocket.connect(to: address)
      guard descriptor >= 0 else {
        problem = .failed("cannot connect to \(server): \(SystemError.text(0 &- descriptor))")
        continue
      }
      do throws(Problem) {
        try wait(
          descriptor, POLLOUT, until: Clock.now + openTime, interrupt, "to connect to \(server)")
        let code = StreamSocket.error(of: descriptor)
        guard code == 0 else {
          throw .failed("cannot connect to \(server): \(SystemError.text(0 &- code))")
        }
        return descriptor
      } catch {
        StreamSocket.close(descriptor)
        if case .interrupted = error { throw error }
        problem = error
      }
    }
    throw problem
  }

  private func secure() throws(Problem) {
    guard let tls else { throw .failed("TLS is asked for") }
    let deadline = Clock.now + Self.openTime
    while true {
      switch tls.handshake() {
      case .done: return
      case .failed:
        let failure = tls.failure ?? .closed
        let detail = tls.failureText.isEmpty ? "" : ", \(tls.failureText)"
        throw .failed("no TLS with \(server): \(failure.name)\(detail)")
      case .waiting:
        try wait(tls.holdsOutput ? POLLOUT : POLLIN, until: deadline, "for TLS with \(server)")
      }
    }
  }

  /// Sends and receives until the session says so; each sign of progress extends the deadline.
  private func progress(until isDone: (SinkProgress) -> Bool) throws(Problem) {
    var deadline = Clock.now + Self.answerTime
    var acknowledged = session.acknowledged
    while true {
      try flush(until: deadline)
      switch session.progress {
      case .failed(let failure): throw .failed(failure)
      case .wantsTLS:
        try secure()
        session.secured()
        continue
      case let progress where isDone(progress): return
      case .waiting, .ready: break
      }
      // A server that never stops talking must not hold the thread.
      guard Clock.now < deadline else {
        throw .failed("waited too long for an answer of \(server)")
      }
      if interrupt.isWanted() { throw .interrupted }
      if !mayReadOn { try wait(POLLIN, until: deadline, "for an answer of \(server)") }
      try receive()
      if session.acknowledged != acknowledged {
        acknowledged = session.acknowledged
        deadline = Clock.now + Self.answerTime
      }
    }
  }

  private func flush(until deadline: Instant) throws(Problem) {
    let bytes = session.takeOutput()
    var sent = 0
    while sent < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
        if let tls, tls.isEstablished { return unsafe tls.send(rest) }
        return unsafe StreamSocket.send(descriptor, rest)
      }
      if result > 0 {
        sent += result
      } else if result == StreamSocket.wouldBlock {
        try wait(POLLOUT, until: deadline, "to tell \(server)")
      } else if result != StreamSocket.interrupted {
        throw lost(result)
      }
    }
    while let tls, tls.holdsOutput {
      let result = tls.flush()
      if result == 0 { break }
      guard result == StreamSocket.wouldBlock else { throw lost(result) }
      try wait(POLLOUT, until: deadline, "to tell \(server)")
    }
  }

  /// Takes what is there, up to one buffer: what is sent in answer keeps up with what comes.
  private func receive() throws(Problem) {
    var buffer = [UInt8](repeating: 0, count: Self.readBytes)
    let result = unsafe buffer.withUnsafeMutableBytes { room in
      if let tls, tls.isEstablished { return unsafe tls.receive(into: room) }
      return unsafe StreamSocket.receive(descriptor, into: room)
    }
    hasMore = result == buffer.count || result == StreamSocket.interrupted
    if result > 0 {
      session.receive(buffer.prefix(result))
    } else if result == 0 {
      throw .failed("\(server) closed the connection")
    } else if result != StreamSocket.wouldBlock, result != StreamSocket.interrupted {
      throw lost(result)
    }
  }

  private func lost(_ result: Int) -> Problem {
    .failed(
      "the connection to \(server) broke: "
        + SystemError.text(Int32(truncatingIfNeeded: 0 &- result)))
  }

  // MARK: Waiting

  private func wait(_ events: Int32, until deadline: Instant, _ what: String) throws(Problem) {
    try Self.wait(descriptor, events, until: deadline, interrupt, what)
  }

  private static func wait(
    _ descriptor: Int32, _ events: Int32, until deadline: Instant, _ interrupt: SinkInterrupt,
    _ what: String
  ) throws(Problem) {
    while true {
      let span = deadline - Clock.now
      guard span > .zero else { throw .failed("waited too long \(what)") }
      var list = [
        pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0),
        pollfd(fd: interrupt.wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      _ = unsafe list.withUnsafeMutableBufferPointer { list in
        unsafe descriptors_wait(
          list.baseAddress, list.count, Int32(clamping: span.milliseconds &+ 1))
      }
      if list[1].revents != 0 {
        interrupt.wakeUp.clear()
        if interrupt.isWanted() { throw .interrupted }
      }
      if list[0].revents != 0 { return }
    }
  }
}
