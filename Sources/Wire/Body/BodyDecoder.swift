/// Why a body cannot go on.
public enum BodyError: Error, Sendable, Equatable {
  case badChunk
  /// Chunk extensions or trailers beyond `ChunkLimits`.
  case overheadTooLarge
  /// The sender closed before the body's end.
  case cutShort
}

/// What one call of `BodyDecoder.decode` found.
public struct DecodedBody: Sendable, Equatable {
  /// Where the content stands now; chunk framing is taken out in place.
  public var content: Range<Int>
  /// The first byte that does not belong to this body, or the end of the bytes given.
  public var end: Int
  public var isComplete: Bool

  public init(content: Range<Int>, end: Int, isComplete: Bool) {
    self.content = content
    self.end = end
    self.isComplete = isComplete
  }
}

/// Takes the framing off a body as it comes, in place, in constant memory.
public enum BodyDecoder: Sendable, Equatable {
  case length(remaining: Int64)
  case chunked(ChunkedDecoder)
  case untilClose

  public init(_ framing: MessageFraming) {
    switch framing {
    case .none: self = .length(remaining: 0)
    case .length(let count): self = .length(remaining: count)
    case .chunked: self = .chunked(ChunkedDecoder())
    case .untilClose: self = .untilClose
    }
  }

  /// Whether nothing is to come: true from the start for a message without a body.
  public var isComplete: Bool {
    switch self {
    case .length(let remaining): remaining == 0
    case .chunked(let decoder): decoder.isComplete
    case .untilClose: false
    }
  }

  /// Decodes what stands in `bytes[range]`; content is moved to the front of the range.
  public mutating func decode(
    _ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>
  ) throws(BodyError) -> DecodedBody {
    switch self {
    case .length(let remaining):
      let taken = Int(min(remaining, Int64(range.count)))
      self = .length(remaining: remaining - Int64(taken))
      let end = range.lowerBound + taken
      return DecodedBody(
        content: range.lowerBound..<end, end: end, isComplete: remaining == Int64(taken))
    case .chunked(var decoder):
      defer { self = .chunked(decoder) }
      return try decoder.decode(&bytes, range)
    case .untilClose:
      return DecodedBody(content: range, end: range.upperBound, isComplete: false)
    }
  }

  /// Content bytes that went past the decoder: at most what remains of a stated length, and not with
  /// chunks, whose framing would have been missed.
  public mutating func skip(_ count: Int) {
    guard case .length(let remaining) = self else { return }
    self = .length(remaining: max(0, remaining - Int64(count)))
  }

  /// The sender closed its side: fine only where the close is the end.
  public func finish() throws(BodyError) {
    if case .untilClose = self { return }
    if !isComplete { throw .cutShort }
  }
}
