/// What the first message of a TLS client says in the open: the server's name that it asks for
/// (RFC 6066 section 3) and the protocols that it speaks (RFC 7301). Nothing is decrypted or changed.
///
/// The message may come in several records (RFC 8446 section 5.1), each in several reads.
public struct ClientHello: Sendable {
  public enum Problem: Error, Sendable, Equatable {
    /// It is no TLS at all.
    case notTLS
    case malformed
    /// More bytes or more records than a client needs.
    case tooLong
  }

  /// Bytes of the message with its records' heads. Keys that resist quantum computers take 2 KiB.
  public static let longest = 32 << 10
  public static let mostRecords = 64
  /// Of the names of protocols that are kept, in bytes, each with its length before it.
  public static let protocolBytes = 255

  private var name = InlineArray<255, UInt8>(repeating: 0)
  private var nameCount = 0
  private var protocols = InlineArray<255, UInt8>(repeating: 0)
  private var protocolCount = 0

  public init() {}

  /// The name asked for, in lower case and without a final dot; empty when none is.
  public var serverName: [UInt8] { (0..<nameCount).map { name[$0] } }

  /// Whether a protocol is among those that the client speaks.
  public func speaks(_ wanted: [UInt8]) -> Bool {
    var offset = 0
    while offset < protocolCount {
      let size = Int(protocols[offset])
      offset += 1
      if size == wanted.count, (0..<size).allSatisfy({ protocols[offset + $0] == wanted[$0] }) {
        return true
      }
      offset += size
    }
    return false
  }

  /// Reads the message from the bytes that came so far.
  /// - Returns: nil when it is whole, else how many bytes there must be before another reading
  ///   makes sense, so that bytes which trickle in are not looked at again and again.
  public mutating func read(_ bytes: Span<UInt8>) throws(Problem) -> Int? {
    self = ClientHello()
    if let missing = try Self.missing(bytes) { return missing }
    var cursor = HandshakeCursor()
    try readMessage(&cursor, bytes)
    return nil
  }

  /// Looks whether all records of the message are there.
  private static func missing(_ bytes: Span<UInt8>) throws(Problem) -> Int? {
    var offset = 0
    var message = 0
    var size: Int?
    for _ in 0..<mostRecords {
      guard bytes.count >= offset + 5 else {
        if offset < bytes.count, bytes[offset] != 22 { throw offset == 0 ? .notTLS : .malformed }
        return offset + 5
      }
      let length = Int(bytes[offset + 3]) << 8 | Int(bytes[offset + 4])
      guard bytes[offset] == 22, bytes[offset + 1] == 3 else {
        throw offset == 0 ? .notTLS : .malformed
      }
      // RFC 8446 section 5.1: no empty ones of a handshake, and 2^14 bytes at most.
      guard (1...16_384).contains(length) else { throw .malformed }
      guard offset + 5 + length <= longest else { throw .tooLong }
      guard bytes.count >= offset + 5 + length else { return offset + 5 + length }
      offset += 5 + length
      message += length
      if size == nil, message >= 4 {
        var cursor = HandshakeCursor()
        guard try cursor.number(1, bytes) == 1 else { throw .malformed }
        size = 4 + (try cursor.number(3, bytes))
      }
      if let size, size > longest { throw .tooLong }
      if let size, message >= size { return nil }
    }
    throw .tooLong
  }

  /// RFC 8446 section 4.1.2.
  private mutating func readMessage(
    _ cursor: inout HandshakeCursor, _ bytes: Span<UInt8>
  ) throws(Problem) {
    try cursor.skip(1, bytes)
    let end = 4 + (try cursor.number(3, bytes))
    guard try cursor.number(1, bytes) == 3 else { throw .malformed }
    try cursor.skip(1 + 32, bytes)
    let session = try cursor.number(1, bytes)
    guard session <= 32 else { throw .malformed }
    try cursor.skip(session, bytes)
    let suites = try cursor.number(2, bytes)
    guard suites >= 2, suites % 2 == 0, cursor.count + suites < end else { throw .malformed }
    try cursor.skip(suites, bytes)
    let compressions = try cursor.number(1, bytes)
    guard compressions >= 1, cursor.count + compressions <= end else { throw .malformed }
    try cursor.skip(compressions, bytes)
    // Clients of TLS 1.2 may bring no extensions.
    if cursor.count == end { return }
    guard cursor.count + 2 <= end, try cursor.number(2, bytes) == end - cursor.count else {
      throw .malformed
    }
    var hasName = false
    var hasProtocols = false
    while cursor.count < end {
      guard cursor.count + 4 <= end else { throw .malformed }
      let type = try cursor.number(2, bytes)
      let size = try cursor.number(2, bytes)
      guard size <= end - cursor.count else { throw .malformed }
      switch type {
      case 0:
        if hasName { throw .malformed }
        hasName = true
        try readName(&cursor, size, bytes)
      case 16:
        if hasProtocols { throw .malformed }
        hasProtocols = true
        try readProtocols(&cursor, size, bytes)
      default: try cursor.skip(size, bytes)
      }
    }
  }

  /// A list of names, of which one at most is a host's (RFC 6066 section 3).
  private mutating func readName(
    _ cursor: inout HandshakeCursor, _ size: Int, _ bytes: Span<UInt8>
  ) throws(Problem) {
    let end = cursor.count + size
    guard size > 2, try cursor.number(2, bytes) == end - cursor.count else { throw .malformed }
    while cursor.count < end {
      guard cursor.count + 3 <= end else { throw .malformed }
      let kind = try cursor.number(1, bytes)
      let length = try cursor.number(2, bytes)
      guard length >= 1, length <= end - cursor.count else { throw .malformed }
      guard kind == 0 else {
        try cursor.skip(length, bytes)
        continue
      }
      guard nameCount == 0, length <= 255 else { throw .malformed }
      for _ in 0..<length {
        let byte = UInt8(truncatingIfNeeded: try cursor.number(1, bytes))
        guard Self.isNameByte(byte) else { throw .malformed }
        name[nameCount] = (65...90).contains(byte) ? byte | 0x20 : byte
        nameCount += 1
      }
      if name[nameCount - 1] == 46 { nameCount -= 1 }
      guard nameCount > 0, name[nameCount - 1] != 46 else { throw .malformed }
    }
  }

  /// Names of one byte at least; those that don't fit are as good as not said.
  private mutating func readProtocols(
    _ cursor: inout HandshakeCursor, _ size: Int, _ bytes: Span<UInt8>
  ) throws(Problem) {
    let end = cursor.count + size
    guard size > 2, try cursor.number(2, bytes) == end - cursor.count else { throw .malformed }
    while cursor.count < end {
      let length = try cursor.number(1, bytes)
      guard length >= 1, length <= end - cursor.count else { throw .malformed }
      guard protocolCount + 1 + length <= Self.protocolBytes else {
        try cursor.skip(length, bytes)
        continue
      }
      protocols[protocolCount] = UInt8(truncatingIfNeeded: length)
      for index in 1...length {
        protocols[protocolCount + index] = UInt8(truncatingIfNeeded: try cursor.number(1, bytes))
      }
      protocolCount += 1 + length
    }
  }

  /// Letters, digits, `-`, `.` and `_`.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95: true
    default: false
    }
  }
}

/// Goes through the bytes of a message over the borders of its records.
private struct HandshakeCursor {
  private var offset = 0
  private var recordEnd = 0
  /// Bytes of the message that were read.
  private(set) var count = 0

  /// A number of up to three bytes, in network order.
  mutating func number(_ size: Int, _ bytes: Span<UInt8>) throws(ClientHello.Problem) -> Int {
    var number = 0
    for _ in 0..<size {
      try enterRecord(bytes)
      number = number << 8 | Int(bytes[offset])
      offset += 1
      count += 1
    }
    return number
  }

  mutating func skip(_ size: Int, _ bytes: Span<UInt8>) throws(ClientHello.Problem) {
    var rest = size
    while rest > 0 {
      try enterRecord(bytes)
      let step = min(rest, recordEnd - offset)
      offset += step
      count += step
      rest -= step
    }
  }

  /// Goes behind the head of the next record when the present one is over.
  private mutating func enterRecord(_ bytes: Span<UInt8>) throws(ClientHello.Problem) {
    guard offset == recordEnd else { return }
    guard bytes.count >= offset + 5 else { throw .malformed }
    recordEnd = offset + 5 + (Int(bytes[offset + 3]) << 8 | Int(bytes[offset + 4]))
    offset += 5
    guard offset < recordEnd, recordEnd <= bytes.count else { throw .malformed }
  }
}
