import Primitives

/// Text of a request without heap: what is longer is cut, and says so.
struct RequestText: Sendable {
  static let limit = 128

  private var bytes = InlineArray<128, UInt8>(repeating: 0)
  private var count: UInt8 = 0
  private var isCut = false

  init() {}

  mutating func set(_ source: Span<UInt8>, _ range: Range<Int>) {
    let kept = min(range.count, Self.limit)
    let part = source.extracting(range.lowerBound..<range.lowerBound + kept)
    var target = bytes.mutableSpan
    unsafe part.withUnsafeBytes { part in
      unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: part) }
    }
    count = UInt8(truncatingIfNeeded: kept)
    isCut = kept < range.count
  }

  var text: String {
    let kept = unsafe bytes.span.extracting(0..<Int(count)).withUnsafeBufferPointer {
      unsafe String(decoding: $0, as: UTF8.self)
    }
    return isCut ? kept + "…" : kept
  }
}
