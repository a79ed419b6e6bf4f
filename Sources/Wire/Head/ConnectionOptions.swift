/// The options of all Connection fields of one head (RFC 9110 section 7.6.1).
public struct ConnectionOptions: Sendable, Equatable {
  public var close = false
  public var keepAlive = false
  public var upgrade = false
  /// An option that names another field, which then is not forwarded.
  public var namesFields = false
  private var listBytes = 0

  public init() {}

  /// Reads one Connection field's list.
  /// - Throws: `badConnectionOption` for an option that names a framing field or Host: taking it
  ///   at its word would let a client strip what the next hop frames by. Also for lists beyond
  ///   `HeadLimits.connectionBytes`.
  mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HeadError) {
    listBytes += range.count
    guard listBytes <= HeadLimits.connectionBytes else { throw .badConnectionOption }
    var list = ListReader(range)
    while let option = list.next(bytes) {
      if bytes.equalsIgnoringCase("close", in: option) {
        close = true
      } else if bytes.equalsIgnoringCase("keep-alive", in: option) {
        keepAlive = true
      } else if bytes.equalsIgnoringCase("upgrade", in: option) {
        upgrade = true
      } else {
        switch FieldName.identify(bytes, option.lowerBound, option.upperBound) {
        case .contentLength, .transferEncoding, .host: throw .badConnectionOption
        default: namesFields = true
        }
      }
    }
  }
}

/// Walks a comma-separated list (RFC 9110 section 5.6.1), skipping empty elements.
public struct ListReader {
  private var offset: Int
  private let end: Int

  public init(_ range: Range<Int>) {
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next element's range without the white space around it; nil at the end.
  public mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    while offset < end {
      var start = offset
      while offset < end, bytes[offset] != Octets.comma { offset += 1 }
      var stop = offset
      offset += 1
      while start < stop, bytes[start] == Octets.space || bytes[start] == Octets.tab { start += 1 }
      while stop > start, bytes[stop - 1] == Octets.space || bytes[stop - 1] == Octets.tab {
        stop -= 1
      }
      if start < stop { return start..<stop }
    }
    return nil
  }
}
