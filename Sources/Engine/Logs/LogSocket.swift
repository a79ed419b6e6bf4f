import CLinux
import Configuration
import EventLoop
import Glibc
import Primitives

/// A socket that log lines are sent to as messages. Who listens there may be slow, gone, or not there
/// yet: then lines are lost and counted, that is said once, and it is tried again.
struct LogSocket: LogDestination {
  /// Bytes of one message. A datagram that is larger than the network's is put together of parts, all of
  /// which have to come; receivers of syslog take 8 KiB, if they take more than 2.
  static let udpBytes = 8_192
  static let unixBytes = 131_072
  static let streamBytes = 131_072
  /// Messages that are handed to a connection in one go.
  static let streamBatch = 65_536

  enum Transport: Sendable {
    case datagrams
    /// Each message behind its length in decimal digits (RFC 6587 section 3.4.1).
    case stream
  }

  let address: SocketAddress
  let transport: Transport
  let form: LogMessageForm
  /// Takes the lines that could not be sent, without their ends; nil drops them.
  let fallback: (@Sendable (ArraySlice<UInt8>) -> Void)?
  private var descriptor: Int32?
  private var nextTry = Instant.zero
  /// Lines lost since it last worked; nil while it works.
  private var failing: Int?

  init(
    address: SocketAddress, transport: Transport, form: LogMessageForm,
    fallback: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
  ) {
    self.address = address
    self.transport = transport
    self.form = form
    self.fallback = fallback
  }

  /// Whoever listens there may come later.
  mutating func open(_ now: Instant) -> LogTarget.Failure? {
    nextTry = now
    return nil
  }

  mutating func close() {
    if let descriptor { StreamSocket.close(descriptor) }
    descriptor = nil
  }

  mutating func write(_ text: [UInt8], _ now: Instant) -> Int {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    var deadline = SendingTime(end: Clock.now + LogTarget.patience)
    let (sent, error) =
      switch transport {
      case .datagrams: sendDatagrams(lines, &deadline)
      case .stream: sendStream(lines, &deadline)
      }
    let lost = lines.count - sent.count { $0 }
    guard lost > 0 else {
      recover()
      return 0
    }
    if let fallback {
      for (index, line) in lines.enumerated() where !(index < sent.count && sent[index]) {
        fallback(line)
      }
    }
    lose(lost, error)
    return lost
  }

  // MARK: Connecting

  /// - Returns: 0, or -errno.
  private mutating func connect(_ time: inout SendingTime) -> Int32 {
    if descriptor != nil { return 0 }
    guard Clock.now >= nextTry else { return -ENOTCONN }
    nextTry = Clock.now + LogTarget.lookTime
    let result =
      transport == .stream
      ? StreamSocket.connect(to: address) : DatagramSocket.connect(to: address)
    guard result >= 0 else { return result }
    if transport == .stream {
      let ready = time.wait(for: result)
      let error = ready ? StreamSocket.error(of: result) : -ETIMEDOUT
      guard error == 0 else {
        StreamSocket.close(result)
        return error
      }
    }
    descriptor = result
    return 0
  }

  // MARK: Datagrams

  private mutating func sendDatagrams(
    _ lines: [ArraySlice<UInt8>], _ time: inout SendingTime
  ) -> (sent: [Bool], error: Int32) {
    var most = Self.udpBytes
    if case .unix = address { most = Self.unixBytes }
    let wallTime = Clock.wallTime
    var sent: [Bool] = []
    var worst: Int32 = 0
    for line in lines {
      let message = form.message(of: line, at: wallTime, most: most)
      let result = sendDatagram(message, &time)
      sent.append(result == 0)
      guard result != 0 else { continue }
      worst = result
      // Nobody is there, or nobody reads: no need to find that out for each line.
      if result != -EMSGSIZE { break }
    }
    return (sent, worst)
  }

  private mutating func sendDatagram(_ message: [UInt8], _ time: inout SendingTime) -> Int32 {
    var isSecond = false
    while true {
      let failure = connect(&time)
      guard failure == 0, let descriptor else { return failure }
      let result = unsafe message.withUnsafeBytes { unsafe StreamSocket.send(descriptor, $0) }
      if result >= 0 { return 0 }
      let code = Int32(truncatingIfNeeded: result)
      switch code {
      case -EINTR: continue
      case -EAGAIN, -ENOBUFS:
        if !time.wait(for: descriptor) { return code }
      case -EMSGSIZE: return code
      default:
        // Of UDP, the word of a datagram before this one; of a unix socket, that another one listens.
        if isSecond {
          close()
          return code
        }
        isSecond = true
        if case .unix = address {
          close()
          nextTry = min(nextTry, Clock.now)
        }
      }
    }
  }

  // MARK: A connection

  private mutating func sendStream(
    _ lines: [ArraySlice<UInt8>], _ time: inout SendingTime
  ) -> (sent: [Bool], error: Int32) {
    // It ended meanwhile; without a look the first bytes would go into nothing.
    if let descriptor, StreamSocket.peek(descriptor) == 0 { close() }
    var sent: [Bool] = []
    let wallTime = Clock.wallTime
    while sent.count < lines.count {
      let failure = connect(&time)
      guard failure == 0 else { return (sent, failure) }
      var batch: [UInt8] = []
      var count = 0
      while sent.count + count < lines.count, batch.isEmpty || batch.count < Self.streamBatch {
        let line = lines[sent.count + count]
        let message = form.message(of: line, at: wallTime, most: Self.streamBytes)
        batch += Array("\(message.count) ".utf8) + message
        count += 1
      }
      let error = send(batch, &time)
      guard error == 0 else {
        // A message that was begun can't be gone on with by another one.
        close()
        return (sent, error)
      }
      sent += [Bool](repeating: true, count: count)
    }
    return (sent, 0)
  }

  private func send(_ bytes: [UInt8], _ time: inout SendingTime) -> Int32 {
    guard let descriptor else { return -ENOTCONN }
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { all in
        unsafe StreamSocket.send(descriptor, UnsafeRawBufferPointer(rebasing: all[done...]))
      }
      if result > 0 {
        done += result
        continue
      }
      let code = Int32(truncatingIfNeeded: result)
      if code == -EINTR { continue }
      guard code == -EAGAIN else { return code == 0 ? -EIO : code }
      if !time.wait(for: descriptor) { return -ETIMEDOUT }
    }
    return 0
  }

  // MARK: Failing

  private mutating func lose(_ lines: Int, _ error: Int32) {
    if failing == nil {
      let what = form.log == .access ? "the access log" : "the log"
      let fate = fallback == nil ? "are lost" : "stand here"
      let problem = SystemError(code: 0 &- error, operation: "send \(what) to \(address)")
      EngineLog(level: .warning).warning("\(problem); its lines \(fate) until that works again")
    }
    failing = (failing ?? 0) + lines
  }

  private mutating func recover() {
    guard let lines = failing else { return }
    failing = nil
    let what = form.log == .access ? "the access log" : "the log"
    let missing = "\(lines) line\(lines == 1 ? "" : "s") \(lines == 1 ? "is" : "are") missing there"
    EngineLog(level: .warning).warning("\(what) is sent to \(address) again; \(missing)")
  }
}

/// What one batch of lines may take.
struct SendingTime {
  let end: Instant

  /// - Returns: false when the time is up.
  mutating func wait(for descriptor: Int32) -> Bool {
    while true {
      let left = end - Clock.now
      guard left > .zero else { return false }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = unsafe descriptors_wait(&waiting, 1, Int32(clamping: left.milliseconds &+ 1))
      if ready == -EINTR { continue }
      return ready > 0
    }
  }
}

extension LogSocket {
  /// The journal, where `true` would be its usual socket.
  init(
    _ settings: JournaldSettings, _ log: LogMessageForm.Log,
    fallback: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
  ) {
    self.init(
      address: .unix(path: settings.socket), transport: .datagrams,
      form: LogMessageForm(service: .journal(identifier: settings.identifier), log: log),
      fallback: fallback)
  }

  init(
    _ settings: SyslogSettings, _ log: LogMessageForm.Log,
    fallback: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
  ) {
    var transport = settings.transport == .tcp ? Transport.stream : .datagrams
    if case .unix = settings.address { transport = .datagrams }
    self.init(
      address: settings.address, transport: transport,
      form: LogMessageForm(
        service: .syslog(
          identifier: settings.identifier, facility: settings.facility.code,
          hostName: LogMessageForm.hostName), log: log), fallback: fallback)
  }
}
