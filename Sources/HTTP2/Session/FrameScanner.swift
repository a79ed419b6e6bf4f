/// Finds where frames begin and end (RFC 9113 section 4.1), so that a session can be fed one at a time
/// and sees each, those too that nghttp2 drops without a word. It refuses nothing.
struct FrameScanner {
  struct Header {
    var length = 0
    var type: UInt8 = 0
    var flags: UInt8 = 0
    var stream: UInt32 = 0

    var endsStream: Bool { flags & 1 != 0 }
  }

  /// Of the connection preface that a client begins with.
  private var prefaceLeft: Int
  private var headerBytes = 0
  private var payloadLeft = 0
  /// The payload's first four bytes, as far as they came.
  private var front: UInt32 = 0
  private var frontBytes = 0
  private(set) var header = Header()
  /// Whether the header came whole in the last call, and whether the frame did.
  private(set) var hasBegun = false
  private(set) var hasEnded = false

  init(expectsPreface: Bool) { prefaceLeft = expectsPreface ? 24 : 0 }

  /// The stream that a PRIORITY frame which has ended depends on (RFC 7540 section 6.3).
  var dependency: UInt32 { front & 0x7FFF_FFFF }

  /// - Returns: how many of the bytes belong to the frame that is under way, up to its end.
  mutating func next(_ bytes: Span<UInt8>) -> Int {
    (hasBegun, hasEnded) = (false, false)
    if prefaceLeft > 0 {
      let count = min(prefaceLeft, bytes.count)
      prefaceLeft -= count
      return count
    }
    var offset = 0
    if headerBytes == 0, bytes.count >= 9 {
      takeHeader(bytes)
      offset = 9
    }
    while headerBytes < 9, offset < bytes.count {
      take(bytes[offset])
      offset += 1
    }
    guard headerBytes == 9 else { return offset }
    let count = min(payloadLeft, bytes.count - offset)
    for index in 0..<min(count, 4 - frontBytes) {
      front = front << 8 | UInt32(bytes[offset + index])
      frontBytes += 1
    }
    payloadLeft -= count
    if payloadLeft == 0 {
      headerBytes = 0
      hasEnded = true
    }
    return offset + count
  }

  /// Of a frame that mostly comes in one piece.
  private mutating func takeHeader(_ bytes: Span<UInt8>) {
    header.length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    header.type = bytes[3]
    header.flags = bytes[4]
    header.stream =
      UInt32(bytes[5] & 0x7F) << 24 | UInt32(bytes[6]) << 16 | UInt32(bytes[7]) << 8
      | UInt32(bytes[8])
    headerBytes = 9
    begin()
  }

  private mutating func begin() {
    payloadLeft = header.length
    (front, frontBytes) = (0, 0)
    hasBegun = true
  }

  private mutating func take(_ byte: UInt8) {
    switch headerBytes {
    case 0: header = Header(length: Int(byte))
    case 1, 2: header.length = header.length << 8 | Int(byte)
    case 3: header.type = byte
    case 4: header.flags = byte
    case 5: header.stream = UInt32(byte & 0x7F)
    default: header.stream = header.stream << 8 | UInt32(byte)
    }
    headerBytes += 1
    if headerBytes == 9 { begin() }
  }
}
