/// What a server of Redis answers (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/).
enum RedisReply: Equatable {
  case status(String)
  case error(String)
  case integer(Int64)
  /// Nil is no value.
  case bulk([UInt8]?)
  case list([RedisReply]?)
}

/// Takes replies out of the bytes of a connection.
struct RedisReader {
  /// Of one reply with all that is in it, in bytes: a batch's has a few kilobytes.
  static let largestReply = 64 << 10
  static let longestList = 1_024
  static let deepest = 4

  private var bytes: [UInt8] = []
  private var start = 0

  mutating func feed(_ more: some Sequence<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes += more
  }

  /// - Returns: nil until more has come.
  mutating func next() throws(SinkFailure) -> RedisReply? {
    var place = start
    let reply = try reply(&place, depth: 0)
    let size = reply == nil ? bytes.count - start + 1 : place - start
    guard size <= Self.largestReply else {
      throw SinkFailure("the server sent a reply of more than \(Self.largestReply) bytes")
    }
    if reply != nil { start = place }
    return reply
  }

  private func reply(_ place: inout Int, depth: Int) throws(SinkFailure) -> RedisReply? {
    guard depth < Self.deepest else { throw SinkFailure("the server sent lists in lists in lists") }
    guard let line = try line(&place), let kind = line.first else { return nil }
    let rest = line.dropFirst()
    switch kind {
    case UInt8(ascii: "+"): return .status(ServerWords.shown(rest))
    case UInt8(ascii: "-"): return .error(ServerWords.shown(rest))
    case UInt8(ascii: ":"): return .integer(Int64(try count(rest, in: Int.min...Int.max)))
    case UInt8(ascii: "$"):
      let length = try count(rest, in: -1...Self.largestReply)
      guard length >= 0 else { return .bulk(nil) }
      guard bytes.count - place >= length + 2 else { return nil }
      guard bytes[place + length] == 0x0D, bytes[place + length + 1] == 0x0A else {
        throw SinkFailure("the server sent a value that is longer than it says")
      }
      defer { place += length + 2 }
      return .bulk(Array(bytes[place..<(place + length)]))
    case UInt8(ascii: "*"):
      let length = try count(rest, in: -1...Self.longestList)
      guard length >= 0 else { return .list(nil) }
      var items: [RedisReply] = []
      for _ in 0..<length {
        guard let item = try reply(&place, depth: depth + 1) else { return nil }
        items.append(item)
      }
      return .list(items)
    default: throw SinkFailure("the server speaks no Redis: \(ServerWords.shown(line))")
    }
  }

  /// Up to CR LF, without it; an empty one is no reply.
  private func line(_ place: inout Int) throws(SinkFailure) -> ArraySlice<UInt8>? {
    guard let end = bytes[place...].prefix(Self.largestReply).firstIndex(of: 0x0A) else {
      return nil
    }
    guard end > place, bytes[end - 1] == 0x0D, end - 1 > place else {
      throw SinkFailure("the server speaks no Redis")
    }
    defer { place = end + 1 }
    return bytes[place..<(end - 1)]
  }

  private func count(
    _ digits: ArraySlice<UInt8>, in range: ClosedRange<Int>
  ) throws(SinkFailure) -> Int {
    guard let number = Int(String(decoding: digits.prefix(24), as: UTF8.self)),
      range.contains(number)
    else {
      throw SinkFailure("the server sent the number \(ServerWords.shown(digits))")
    }
    return number
  }
}
