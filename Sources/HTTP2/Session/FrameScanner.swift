/// Finds where frames end (RFC 9113 section 4.1), so that a session can be fed one at a time. It refuses
/// nothing: that is left to who reads the frames.
struct FrameScanner {
  /// Of the connection preface that a client begins with.
  private var prefaceLeft: Int
  private var headerBytes = 0
  private var length = 0
  private var payloadLeft = 0
  private var type: UInt8 = 0
  /// The type of the frame whose header came whole in the last call.
  private(set) var begun: UInt8?

  init(expectsPreface: Bool) { prefaceLeft = expectsPreface ? 24 : 0 }

  /// - Returns: how many of the bytes belong to the frame that is under way, up to its end.
  mutating func next(_ bytes: Span<UInt8>) -> Int {
    begun = nil
    if prefaceLeft > 0 {
      let count = min(prefaceLeft, bytes.count)
      prefaceLeft -= count
      return count
    }
    var offset = 0
    while headerBytes < 9, offset < bytes.count {
      if headerBytes < 3 { length = length << 8 | Int(bytes[offset]) }
      if headerBytes == 3 { type = bytes[offset] }
      headerBytes += 1
      offset += 1
      if headerBytes == 9 { (payloadLeft, begun) = (length, type) }
    }
    guard headerBytes == 9 else { return offset }
    let count = min(payloadLeft, bytes.count - offset)
    payloadLeft -= count
    if payloadLeft == 0 { (headerBytes, length) = (0, 0) }
    return offset + count
  }
}
