/// JSON strings (RFC 8259, section 7) straight into a byte buffer.
///
/// Runs of plain characters are copied whole, so text without escapes costs one look at each byte
/// and, in a buffer with room, no allocation. Beyond what JSON asks for, whatever a terminal acts
/// on is escaped too, and bytes that are no UTF-8 become U+FFFD, so that every line of the access
/// log is valid JSON and safe to look at.
public enum JSONText {
  /// Appends `bytes` with the quotes around.
  public static func appendQuoted(_ bytes: Span<UInt8>, to buffer: inout [UInt8]) {
    buffer.append(0x22)
    append(bytes, to: &buffer)
    buffer.append(0x22)
  }

  /// Appends `text` with the quotes around.
  public static func appendQuoted(_ text: String, to buffer: inout [UInt8]) {
    appendQuoted(text.utf8.span, to: &buffer)
  }

  /// Appends `bytes` without quotes.
  public static func append(_ bytes: Span<UInt8>, to buffer: inout [UInt8]) {
    var run = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C {
        index &+= 1
        continue
      }
      let decoded = UTF8Sequence.decode(bytes, at: index)
      let length = decoded?.length ?? 1
      if let scalar = decoded?.scalar, scalar >= 0x80, !UTF8Sequence.isHarmful(scalar) {
        index += length
        continue
      }
      copy(bytes, run..<index, to: &buffer)
      escape(decoded?.scalar ?? 0xFFFD, to: &buffer)
      index += length
      run = index
    }
    copy(bytes, run..<index, to: &buffer)
  }

  private static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>, to buffer: inout [UInt8]) {
    guard !range.isEmpty else { return }
    // The span outlives the call, and the pointer does not leave it.
    unsafe bytes.extracting(range).withUnsafeBufferPointer { run in
      unsafe buffer.append(contentsOf: run)
    }
  }

  /// `scalar` is below U+10000: all harmful ones are.
  private static func escape(_ scalar: UInt32, to buffer: inout [UInt8]) {
    buffer.append(0x5C)
    switch scalar {
    case 0x22, 0x5C: buffer.append(UInt8(truncatingIfNeeded: scalar))
    case 0x0A: buffer.append(0x6E)
    case 0x0D: buffer.append(0x72)
    case 0x09: buffer.append(0x74)
    default:
      buffer.append(0x75)
      for shift in stride(from: UInt32(12), through: 0, by: -4) {
        let digit = UInt8(truncatingIfNeeded: scalar >> shift & 15)
        buffer.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
  }
}
