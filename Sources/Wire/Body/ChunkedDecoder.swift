/// Bounds of what chunked framing may cost beyond its content.
public enum ChunkLimits {
  /// Bytes of one chunk's extensions.
  public static let extensionBytes = 256
  /// Bytes of all trailers of a message. They are dropped, so only time is at stake.
  public static let trailerBytes = 16_384
  /// Framing bytes (sizes, extensions, line ends) that a body may have beyond its content's size:
  /// endless tiny chunks or long extensions stop here.
  public static let overheadBytes = 1 << 20
}

/// RFC 9112 section 7.1, read strictly: CRLF only, hexadecimal digits only, at most 15 of them.
/// Extensions are checked and dropped; so are trailers.
public struct ChunkedDecoder: Sendable, Equatable {
  private enum State: UInt8 {
    case sizeFirst, size, extensions, extensionQuoted, extensionEscaped, sizeLineFeed
    case data, dataCarriageReturn, dataLineFeed
    case trailerStart, trailer, trailerLineFeed, endLineFeed, complete
  }

  private var state = State.sizeFirst
  private var remaining: Int64 = 0
  private var digits: UInt8 = 0
  private var extensionBytes = 0
  private var trailerBytes = 0
  private var sawColon = false
  /// Framing bytes less content bytes, never under zero.
  private var overhead = 0

  public init() {}

  public var isComplete: Bool { state == .complete }

  mutating func decode(
    _ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>
  ) throws(BodyError) -> DecodedBody {
    var read = range.lowerBound
    var written = range.lowerBound
    while read < range.upperBound, state != .complete {
      if state == .data {
        let count = Int(min(remaining, Int64(range.upperBound - read)))
        if written != read {
          for index in 0..<count { bytes[written + index] = bytes[read + index] }
        }
        read += count
        written += count
        remaining -= Int64(count)
        overhead = max(0, overhead - count)
        if remaining == 0 { state = .dataCarriageReturn }
      } else {
        try step(bytes[read])
        read += 1
        overhead += 1
        if overhead > ChunkLimits.overheadBytes { throw .overheadTooLarge }
      }
    }
    return DecodedBody(
      content: range.lowerBound..<written, end: read, isComplete: state == .complete)
  }

  private mutating func step(_ byte: UInt8) throws(BodyError) {
    switch state {
    case .sizeFirst, .size: try stepSize(byte)
    case .extensions, .extensionQuoted, .extensionEscaped: try stepExtension(byte)
    case .sizeLineFeed:
      try expect(byte, Octets.lineFeed)
      state = remaining == 0 ? .trailerStart : .data
    case .dataCarriageReturn:
      try expect(byte, Octets.carriageReturn)
      state = .dataLineFeed
    case .dataLineFeed:
      try expect(byte, Octets.lineFeed)
      state = .sizeFirst
    case .trailerStart, .trailer, .trailerLineFeed, .endLineFeed: try stepTrailer(byte)
    case .data, .complete: throw .badChunk
    }
  }

  private mutating func stepSize(_ byte: UInt8) throws(BodyError) {
    if let digit = Self.hexadecimal(byte) {
      if state == .sizeFirst {
        (remaining, digits, state) = (0, 0, .size)
      }
      digits += 1
      // 15 digits are under 2^60: the shift below can't overflow.
      guard digits <= 15 else { throw .badChunk }
      remaining = remaining << 4 | Int64(digit)
      return
    }
    guard state == .size else { throw .badChunk }
    switch byte {
    case Octets.carriageReturn: state = .sizeLineFeed
    case UInt8(ascii: ";"): (extensionBytes, state) = (0, .extensions)
    default: throw .badChunk
    }
  }

  /// Tokens, `=`, `;`, blanks and quoted strings; only their bytes are checked, for they go nowhere.
  private mutating func stepExtension(_ byte: UInt8) throws(BodyError) {
    extensionBytes += 1
    guard extensionBytes <= ChunkLimits.extensionBytes else { throw .overheadTooLarge }
    guard byte != 127, byte >= 32 || byte == Octets.tab || byte == Octets.carriageReturn else {
      throw .badChunk
    }
    switch state {
    case .extensionQuoted:
      guard byte != Octets.carriageReturn else { throw .badChunk }
      if byte == UInt8(ascii: "\"") { state = .extensions }
      if byte == UInt8(ascii: "\\") { state = .extensionEscaped }
    case .extensionEscaped:
      guard byte != Octets.carriageReturn else { throw .badChunk }
      state = .extensionQuoted
    default:
      if byte == Octets.carriageReturn { state = .sizeLineFeed }
      if byte == UInt8(ascii: "\"") { state = .extensionQuoted }
    }
  }

  private mutating func stepTrailer(_ byte: UInt8) throws(BodyError) {
    trailerBytes += 1
    guard trailerBytes <= ChunkLimits.trailerBytes else { throw .overheadTooLarge }
    switch state {
    case .trailerStart:
      sawColon = false
      if byte == Octets.carriageReturn {
        state = .endLineFeed
      } else {
        guard Octets.isToken(byte) else { throw .badChunk }
        state = .trailer
      }
    case .trailer:
      if byte == Octets.carriageReturn {
        guard sawColon else { throw .badChunk }
        state = .trailerLineFeed
      } else if sawColon {
        guard byte >= 32 || byte == Octets.tab, byte != 127 else { throw .badChunk }
      } else if byte == Octets.colon {
        sawColon = true
      } else {
        guard Octets.isToken(byte) else { throw .badChunk }
      }
    case .trailerLineFeed:
      try expect(byte, Octets.lineFeed)
      state = .trailerStart
    default:
      try expect(byte, Octets.lineFeed)
      state = .complete
    }
  }

  private func expect(_ byte: UInt8, _ expected: UInt8) throws(BodyError) {
    guard byte == expected else { throw .badChunk }
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    if Octets.isDigit(byte) { return byte &- 48 }
    let lower = byte | 0x20
    return lower &- 97 < 6 ? lower &- 87 : nil
  }
}
