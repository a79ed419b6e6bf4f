/// One connection to a server of Redis: bytes in, bytes out, acknowledgements told.
///
/// A batch is one transaction (MULTI … EXEC), so that it is in the stream whole, in its order and
/// with nothing between, or not at all. Each entry has the fields `id`, `type` and `data`.
public struct RedisSession: Sendable {
  public private(set) var progress = SinkProgress.waiting
  /// How many messages of the last batch are in the stream: the first ones.
  public private(set) var acknowledged = 0
  /// Why the next one of them was not taken.
  public private(set) var refusal: SinkRefusal?
  /// To be sent; the caller empties it.
  public var output: [UInt8] = []

  private enum Expected {
    case status(String)
    /// One for each message, before EXEC.
    case queued
    case entries
    /// Of a single message, without a transaction.
    case entry
  }

  private let options: RedisOptions
  private var reader = RedisReader()
  private var expected: [Expected] = []
  private var isOpen = false
  private var count = 0

  /// Errors that another server, or this one at another time, would not give.
  private static let passing = [
    "READONLY", "LOADING", "MASTERDOWN", "MOVED", "CLUSTERDOWN", "TRYAGAIN", "NOAUTH",
  ]

  public init(_ options: RedisOptions) {
    self.options = options
    if let password = options.password {
      command(["AUTH"] + (options.username.map { [$0] } ?? []) + [password], .status("OK"))
    }
    if options.database != 0 { command(["SELECT", "\(options.database)"], .status("OK")) }
    command(["PING"], .status("PONG"))
    // Whoever may not begin a transaction is told so now, not in the midst of one.
    command(["MULTI"], .status("OK"))
    command(["DISCARD"], .status("OK"))
  }

  /// Takes what the server sent.
  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    if case .failed = progress { return }
    reader.feed(bytes)
    do throws(SinkFailure) {
      while let reply = try reader.next() { try take(reply) }
    } catch {
      progress = .failed(error)
    }
  }

  /// Adds them in their order. Only while `progress` is `ready`.
  public mutating func send(_ messages: [SinkMessage]) {
    guard progress == .ready else { return }
    (acknowledged, refusal, count) = (0, nil, messages.count)
    guard !messages.isEmpty else { return }
    progress = .waiting
    if messages.count == 1, let message = messages.first { return add(message, .entry) }
    command(["MULTI"], .status("OK"))
    for message in messages { add(message, .queued) }
    command(["EXEC"], .entries)
  }

  private mutating func add(_ message: SinkMessage, _ reply: Expected) {
    var words = ["XADD", options.stream].map { Array($0.utf8) }
    if let most = options.maxLength {
      words += ["MAXLEN", "~", "\(most)"].map { Array($0.utf8) }
    }
    words += ["*", "id", message.id, "type", message.topic, "data"].map { Array($0.utf8) }
    command(words + [message.body], reply)
  }

  private mutating func command(_ words: [String], _ reply: Expected) {
    command(words.map { Array($0.utf8) }, reply)
  }

  private mutating func command(_ words: [[UInt8]], _ reply: Expected) {
    output += Array("*\(words.count)\r\n".utf8)
    for word in words { output += Array("$\(word.count)\r\n".utf8) + word + [0x0D, 0x0A] }
    expected.append(reply)
  }

  // MARK: Replies

  private mutating func take(_ reply: RedisReply) throws(SinkFailure) {
    guard !expected.isEmpty else {
      throw SinkFailure("the server answered what was not asked")
    }
    let expected = self.expected.removeFirst()
    if case .error(let text) = reply { try take(error: text) } else { try take(reply, expected) }
    guard self.expected.isEmpty else { return }
    isOpen = true
    progress = .ready
  }

  private mutating func take(_ reply: RedisReply, _ expected: Expected) throws(SinkFailure) {
    switch (expected, reply) {
    case (.status(let word), .status(let answer)) where answer == word: break
    case (.queued, .status("QUEUED")): break
    case (.entry, .bulk(.some)): acknowledged = 1
    case (.entries, .list(let entries?)) where entries.count == count:
      for entry in entries {
        switch entry {
        case .bulk(.some) where refusal == nil: acknowledged += 1
        case .bulk(.some): break
        case .error(let text): try take(error: text)
        default: throw SinkFailure("the server answered XADD with something else")
        }
      }
    default: throw SinkFailure("the server answered with something else than was asked for")
    }
  }

  /// The first one says why; EXEC only repeats that there was one.
  private mutating func take(error text: String) throws(SinkFailure) {
    let word = String(text.prefix { $0 != " " })
    guard isOpen, !Self.passing.contains(word) else {
      throw SinkFailure("the server refuses: \(text)")
    }
    if refusal == nil { refusal = .later(text) }
  }
}
