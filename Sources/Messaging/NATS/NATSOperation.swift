/// What a server of NATS says (https://docs.nats.io/reference/reference-protocols/nats-protocol).
enum NATSOperation: Equatable {
  /// What it is and can, in JSON.
  case info([UInt8])
  /// For a subscription: its subject, the header block (empty for none), and what it carries.
  case message(subject: String, header: [UInt8], payload: [UInt8])
  case ping
  case pong
  case ok
  case error(String)
}

/// Takes operations out of the bytes of a connection.
struct NATSReader {
  /// Of a line, in bytes: `INFO` names the servers of a cluster.
  static let longestLine = 64 << 10
  /// Of what comes with `MSG` and `HMSG`, in bytes: acknowledgements have a hundred.
  static let largestMessage = 64 << 10

  private var bytes: [UInt8] = []
  private var start = 0

  var isEmpty: Bool { start == bytes.count }

  mutating func feed(_ more: some Sequence<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes += more
  }

  /// - Returns: nil until more has come.
  mutating func next() throws(SinkFailure) -> NATSOperation? {
    guard let end = bytes[start...].prefix(Self.longestLine).firstIndex(of: 0x0A) else {
      guard bytes.count - start < Self.longestLine else {
        throw SinkFailure("the server sent a line of more than \(Self.longestLine) bytes")
      }
      return nil
    }
    let line = bytes[start..<end].last == 0x0D ? bytes[start..<(end - 1)] : bytes[start..<end]
    let space = line.firstIndex { $0 == 0x20 || $0 == 0x09 } ?? line.endIndex
    let rest = line[space...].drop { $0 == 0x20 || $0 == 0x09 }
    let word = String(decoding: line[..<space].prefix(8), as: UTF8.self).uppercased()
    switch word {
    case "INFO": return took(end, .info(Array(rest)))
    case "PING": return took(end, .ping)
    case "PONG": return took(end, .pong)
    case "+OK": return took(end, .ok)
    case "-ERR":
      return took(end, .error(ServerWords.shown(rest.filter { $0 != 0x27 })))
    case "MSG", "HMSG": return try message(rest, hasHeader: word == "HMSG", lineEnd: end)
    default:
      throw SinkFailure("the server speaks no NATS: \(ServerWords.shown(line))")
    }
  }

  private mutating func took(_ end: Int, _ operation: NATSOperation) -> NATSOperation {
    start = end + 1
    return operation
  }

  /// `SUBJECT SID [REPLY-TO] [HEADER-BYTES] TOTAL-BYTES`, then the bytes, then CR LF.
  private mutating func message(
    _ rest: ArraySlice<UInt8>, hasHeader: Bool, lineEnd: Int
  ) throws(SinkFailure) -> NATSOperation? {
    let words = rest.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
      .map { String(decoding: $0, as: UTF8.self) }
    let least = hasHeader ? 4 : 3
    guard (least...(least + 1)).contains(words.count), let subject = words.first,
      let total = words.last.flatMap({ Int($0) }), (0...Self.largestMessage).contains(total)
    else {
      throw SinkFailure("the server sent a message that cannot be read, or is too large")
    }
    var header = 0
    if hasHeader {
      guard let count = Int(words[words.count - 2]), (0...total).contains(count) else {
        throw SinkFailure("the server sent a message whose headers cannot be read")
      }
      header = count
    }
    let body = lineEnd + 1
    guard bytes.count - body >= total + 2 else { return nil }
    guard bytes[body + total] == 0x0D, bytes[body + total + 1] == 0x0A else {
      throw SinkFailure("the server sent a message that is longer than it says")
    }
    start = body + total + 2
    return .message(
      subject: subject, header: Array(bytes[body..<(body + header)]),
      payload: Array(bytes[(body + header)..<(body + total)]))
  }
}
