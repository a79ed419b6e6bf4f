/// How long a message's body is (RFC 9112 section 6.3).
public enum MessageFraming: Sendable, Equatable {
  case none
  case length(Int64)
  case chunked
  /// Up to the end of the connection; answers only.
  case untilClose
}

/// Content-Length and Transfer-Encoding of one head, collected field by field.
struct FramingFields {
  private var length: Int64?
  private var isChunked = false

  mutating func addLength(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HeadError) {
    guard length == nil else { throw .severalContentLengths }
    guard !range.isEmpty, range.count <= 19 else { throw .badContentLength }
    var value: Int64 = 0
    for index in range {
      guard Octets.isDigit(bytes[index]) else { throw .badContentLength }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = scaled.addingReportingOverflow(Int64(bytes[index] &- 48))
      guard !overflow, !carry else { throw .badContentLength }
      value = sum
    }
    length = value
  }

  /// Exactly `chunked`, once: nothing else can be framed safely.
  mutating func addEncoding(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HeadError) {
    guard !isChunked, bytes.equalsIgnoringCase("chunked", in: range) else {
      throw .badTransferEncoding
    }
    isChunked = true
  }

  /// - Parameter isOldVersion: HTTP/1.0, where Transfer-Encoding has no meaning.
  func framing(isOldVersion: Bool) throws(HeadError) -> MessageFraming? {
    if isChunked {
      if length != nil { throw .lengthAndEncoding }
      if isOldVersion { throw .encodingOnOldVersion }
      return .chunked
    }
    return length.map { .length($0) }
  }
}

extension Span<UInt8> {
  /// Whether the bytes of `range` are `text`, which is in lower case, in any case.
  public func equalsIgnoringCase(_ text: StaticString, in range: Range<Int>) -> Bool {
    guard text.utf8CodeUnitCount == range.count else { return false }
    for index in 0..<text.utf8CodeUnitCount {
      let expected = unsafe text.utf8Start[index]
      if Octets.lowercased(self[range.lowerBound + index]) != expected { return false }
    }
    return true
  }

  /// Whether the bytes from `start` are `text`, as far as both reach.
  @inline(__always)
  func agrees(with text: StaticString, from start: Int) -> Bool {
    let size = text.utf8CodeUnitCount
    if size <= 8, count - start >= 8 {
      let loaded = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
      var word: UInt64 = 0
      for index in 0..<size {
        word |= UInt64(unsafe text.utf8Start[index]) << UInt64(8 * index)
      }
      return (UInt64(littleEndian: loaded) ^ word) << UInt64(64 - 8 * size) == 0
    }
    var index = 0
    while index < text.utf8CodeUnitCount, start + index < count {
      let expected = unsafe text.utf8Start[index]
      if self[start + index] != expected { return false }
      index += 1
    }
    return true
  }
}
