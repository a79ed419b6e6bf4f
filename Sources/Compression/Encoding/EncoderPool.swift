public import Topology

/// The encoders of one event loop.
public struct EncoderPool {
  /// Answers that are compressed at a time; others go as they are. At 2 MiB for each with the usual
  /// levels, and 4 MiB with the highest, it bounds what slow clients can make a worker hold.
  public static let limit = 128
  /// Encoders of one coding that are kept for the next answers.
  public static let idleLimit = 8

  private var idle: [[Encoder]] = [[], [], []]
  private var working: [Encoder?] = []
  private var freePlaces: [Int] = []
  /// Under way.
  public private(set) var count = 0
  /// Answers that went as they were since `limit` was reached, or no memory was to be had.
  public private(set) var refusals: UInt64 = 0

  public init() {}

  /// The encoder at a place that was taken.
  public subscript(place: Int) -> Encoder? {
    working.indices.contains(place) ? working[place] : nil
  }

  /// - Parameter size: of the content in bytes, where it is known.
  /// - Returns: an encoder's place; nil when there are too many already.
  public mutating func take(_ coding: ContentCoding, level: Int, size: Int64?) -> Int? {
    guard count < Self.limit,
      let encoder = takeIdle(coding, level) ?? Self.make(coding, level), encoder.begin(size: size)
    else {
      refusals &+= 1
      return nil
    }
    count += 1
    guard let place = freePlaces.popLast() else {
      working.append(encoder)
      return working.count - 1
    }
    working[place] = encoder
    return place
  }

  /// To be called once for each that was taken, whatever became of its answer.
  public mutating func give(_ place: Int) {
    guard let encoder = self[place] else { return }
    working[place] = nil
    freePlaces.append(place)
    count -= 1
    let kind = Int(encoder.coding.rawValue)
    if encoder.isReusable, idle[kind].count < Self.idleLimit { idle[kind].append(encoder) }
  }

  /// One of another level is of no use any more.
  private mutating func takeIdle(_ coding: ContentCoding, _ level: Int) -> Encoder? {
    while let encoder = idle[Int(coding.rawValue)].popLast() {
      if encoder.level == level { return encoder }
    }
    return nil
  }

  private static func make(_ coding: ContentCoding, _ level: Int) -> Encoder? {
    let stream: (any CodingStream)? =
      switch coding {
      case .gzip: GzipStream(level: level)
      case .brotli: BrotliStream(level: level)
      case .zstd: ZstdStream(level: level)
      }
    return stream.map { Encoder(coding: coding, level: level, stream: $0) }
  }
}
