import Telemetry

/// One connection to a server of NATS: bytes in, bytes out, acknowledgements told.
///
/// With JetStream each message waits for the acknowledgement of the one before: of several under way
/// a later one could be kept while an earlier one is refused, and the order would be lost. Each has
/// its id in `Nats-Msg-Id`, so that a stream drops what it has already.
public struct NATSSession: Sendable {
  public private(set) var progress = SinkProgress.waiting
  /// How many messages of the last batch are acknowledged: the first ones.
  public private(set) var acknowledged = 0
  /// Why the next one of them was not taken.
  public private(set) var refusal: SinkRefusal?
  /// To be sent; the caller empties it.
  public var output: [UInt8] = []

  private enum Stage { case greeting, securing, opening, open }

  private let options: NATSOptions
  /// Where acknowledgements are sent to; the last word is the number of the message.
  private let inbox: String
  private var stage = Stage.greeting
  private var reader = NATSReader()
  private var batch: [SinkMessage] = []
  /// Of the message that is waited for; over all batches, so that a late answer is none of another.
  private var sequence: UInt64 = 0
  /// The server's own limit, in bytes.
  private var largestPayload = Self.usualPayload

  /// What servers take unless they say otherwise, in bytes.
  static let usualPayload = 1 << 20
  /// JetStream's code for a message that is larger than its stream takes.
  private static let tooLargeCode = 10054

  private static let early = SinkFailure(
    "the server sent something between its greeting and TLS")

  /// - Parameter secret: letters and digits that nobody can guess, so that nobody else answers.
  public init(_ options: NATSOptions, secret: String) {
    self.options = options
    inbox = "_INBOX.\(secret)"
  }

  /// Takes what the server sent.
  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    if case .failed = progress { return }
    reader.feed(bytes)
    do throws(SinkFailure) {
      if stage == .securing, !reader.isEmpty { throw Self.early }
      while let operation = try reader.next() { try take(operation) }
    } catch {
      progress = .failed(error)
    }
  }

  /// TLS stands.
  public mutating func secured() {
    guard stage == .securing else { return }
    progress = .waiting
    sayHello()
  }

  /// Publishes them in their order. Only while `progress` is `ready`.
  public mutating func send(_ messages: [SinkMessage]) {
    guard progress == .ready else { return }
    (batch, acknowledged, refusal) = (messages, 0, nil)
    guard !messages.isEmpty else { return }
    progress = .waiting
    if options.isJetStream { return publishNext() }
    for message in messages {
      guard fits(message) else { break }
      publish(message, replyTo: nil)
    }
    // Its answer follows what went before.
    output += Array("PING\r\n".utf8)
  }

  // MARK: Operations

  private mutating func take(_ operation: NATSOperation) throws(SinkFailure) {
    switch operation {
    case .info(let json): try greet(json)
    case .ping: output += Array("PONG\r\n".utf8)
    case .pong: takePong()
    case .ok: break
    case .error(let text): try take(error: text)
    case .message(let subject, let header, let payload):
      guard stage == .open, progress == .waiting, subject == "\(inbox).\(sequence)" else { return }
      take(acknowledgement: payload, header)
    }
  }

  private mutating func greet(_ json: [UInt8]) throws(SinkFailure) {
    guard let info = JSONMembers(json) else {
      throw SinkFailure("the server's greeting cannot be read")
    }
    if let most = info.integer("max_payload"), most > 0 { largestPayload = most }
    guard stage == .greeting else { return }
    guard info.isTrue("headers") else {
      throw SinkFailure("the server has no message headers: NATS 2.2 or later is needed")
    }
    let asksForTLS = info.isTrue("tls_required")
    guard options.usesTLS else {
      if asksForTLS { throw SinkFailure("the server asks for TLS: write 'tls: {}' beside it") }
      return sayHello()
    }
    // Who can change this line could listen otherwise.
    guard asksForTLS || info.isTrue("tls_available") else {
      throw SinkFailure("the server offers no TLS")
    }
    guard reader.isEmpty else { throw Self.early }
    stage = .securing
    progress = .wantsTLS
  }

  private mutating func sayHello() {
    stage = .opening
    var json = Array(#"CONNECT {"verbose":false,"pedantic":false,"tls_required":"#.utf8)
    json += Array((options.usesTLS ? "true" : "false").utf8)
    json += Array(#","lang":"swift","name":"ballast","protocol":1,"echo":false"#.utf8)
    json += Array(#","headers":true,"no_responders":true,"version":"#.utf8)
    JSONText.appendQuoted(options.version, to: &json)
    let credentials = [
      ("user", options.username), ("pass", options.password), ("auth_token", options.token),
    ]
    for case (let name, let value?) in credentials {
      json += Array(",\"\(name)\":".utf8)
      JSONText.appendQuoted(value, to: &json)
    }
    output += json + Array("}\r\n".utf8)
    if options.isJetStream { output += Array("SUB \(inbox).* 1\r\n".utf8) }
    output += Array("PING\r\n".utf8)
  }

  private mutating func takePong() {
    if stage == .opening {
      stage = .open
      progress = .ready
    } else if stage == .open, progress == .waiting, !options.isJetStream {
      if refusal == nil { acknowledged = min(batch.count, fitting) }
      if acknowledged < batch.count, refusal == nil { refuseSize() }
      progress = .ready
    }
  }

  private mutating func take(error text: String) throws(SinkFailure) {
    // The only one that leaves the connection as it is.
    guard stage == .open, text.lowercased().hasPrefix("permissions violation") else {
      throw SinkFailure("the server refuses: \(text)")
    }
    guard progress == .waiting, refusal == nil else { return }
    refusal = .later(text)
    if options.isJetStream { progress = .ready }
  }

  private mutating func take(acknowledgement payload: [UInt8], _ header: [UInt8]) {
    if let status = Self.status(header) {
      refusal = .later(
        status == 503
          ? "no stream of JetStream takes the subject \(subjectOfNext)"
          : "the server answered \(status)")
    } else if let answer = JSONMembers(payload) {
      if let problem = answer.object("error") {
        let words = ServerWords.shown(problem.text("description") ?? "an error without a text")
        refusal =
          problem.integer("err_code") == Self.tooLargeCode ? .tooLarge(words) : .later(words)
      } else if answer.text("stream") != nil, answer.integer("seq") != nil {
        acknowledged += 1
        return publishNext()
      } else {
        refusal = .later("what answered for the subject \(subjectOfNext) is no JetStream")
      }
    } else {
      refusal = .later("what answered for the subject \(subjectOfNext) is no JetStream")
    }
    progress = .ready
  }

  /// `NATS/1.0 503` and nothing else, where nobody listens.
  private static func status(_ header: [UInt8]) -> Int? {
    let line = header.prefix { $0 != 0x0D && $0 != 0x0A }
    let words = line.split(separator: 0x20)
    guard words.count >= 2, words[0].elementsEqual("NATS/1.0".utf8) else { return nil }
    return Int(String(decoding: words[1], as: UTF8.self))
  }

  // MARK: Publishing

  private var subjectOfNext: String {
    batch.indices.contains(acknowledged) ? options.subject(of: batch[acknowledged]) : ""
  }

  private mutating func publishNext() {
    guard batch.indices.contains(acknowledged) else {
      progress = .ready
      return
    }
    let message = batch[acknowledged]
    guard fits(message) else { return refuseSize() }
    sequence &+= 1
    publish(message, replyTo: "\(inbox).\(sequence)")
  }

  private mutating func refuseSize() {
    refusal = .tooLarge("the server takes no message of more than \(largestPayload) bytes")
    progress = .ready
  }

  private func header(of message: SinkMessage) -> [UInt8] {
    Array("NATS/1.0\r\nNats-Msg-Id: \(message.id)\r\n\r\n".utf8)
  }

  private func fits(_ message: SinkMessage) -> Bool {
    header(of: message).count + message.body.count <= largestPayload
  }

  /// Of the batch, those before the first that is too large.
  private var fitting: Int { batch.prefix { fits($0) }.count }

  private mutating func publish(_ message: SinkMessage, replyTo: String?) {
    let header = header(of: message)
    let reply = replyTo.map { " \($0)" } ?? ""
    let line =
      "HPUB \(options.subject(of: message))\(reply) \(header.count) "
      + "\(header.count + message.body.count)\r\n"
    output += Array(line.utf8) + header + message.body + [0x0D, 0x0A]
  }
}
