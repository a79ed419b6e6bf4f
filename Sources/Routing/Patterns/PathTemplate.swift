/// A path with names in it: each stands for one segment that isn't empty.
public struct PathTemplate: Sendable, Hashable {
  public enum Segment: Sendable, Hashable {
    case literal([UInt8])
    case name(String)
  }

  /// What stands between the slashes, the first of which is left out.
  public let segments: [Segment]
  /// Whether it ends with `/*`, and so takes what is below as well.
  public let isPrefix: Bool

  init(segments: [Segment], isPrefix: Bool) {
    self.segments = segments
    self.isPrefix = isPrefix
  }

  /// Reads a checked pattern.
  init(_ bytes: [UInt8]) {
    var parts = bytes.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    isPrefix = parts.last?.elementsEqual([UInt8(ascii: "*")]) ?? false
    if isPrefix { parts.removeLast() }
    segments = parts.map { part in
      guard part.first == UInt8(ascii: "{"), part.last == UInt8(ascii: "}"), part.count > 2 else {
        return .literal(Array(part))
      }
      return .name(String(decoding: part.dropFirst().dropLast(), as: UTF8.self))
    }
  }

  var text: String {
    let written = segments.map { segment in
      switch segment {
      case .literal(let bytes): "/" + String(decoding: bytes, as: UTF8.self)
      case .name(let name): "/{\(name)}"
      }
    }
    return written.joined() + (isPrefix ? "/*" : "")
  }

  var names: [String] {
    segments.compactMap { if case .name(let name) = $0 { name } else { nil } }
  }

  var nameless: PathTemplate {
    PathTemplate(
      segments: segments.map { if case .name = $0 { .name("") } else { $0 } }, isPrefix: isPrefix)
  }

  /// What every path that it takes begins with, up to a slash.
  var literalFolder: [UInt8] {
    var folder = [UInt8(ascii: "/")]
    for case .literal(let bytes) in segments.prefix(while: {
      if case .literal = $0 { true } else { false }
    }) {
      folder += bytes + [UInt8(ascii: "/")]
    }
    return folder
  }

  func takes(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    var walk = SegmentWalk(bytes, path)
    for segment in segments {
      guard let range = walk.next(bytes) else { return false }
      switch segment {
      case .literal(let expected):
        guard range.count == expected.count, bytes.plain(range.lowerBound, equals: expected) else {
          return false
        }
      case .name: if range.isEmpty { return false }
      }
    }
    return isPrefix || walk.isAtEnd
  }

  /// The bytes that a name stands for, in a path that the template takes.
  /// - Parameter capture: an index into `names`.
  func capture(_ capture: Int, _ bytes: Span<UInt8>, _ path: Range<Int>) -> Range<Int> {
    var walk = SegmentWalk(bytes, path)
    var left = capture
    for segment in segments {
      guard let range = walk.next(bytes) else { break }
      guard case .name = segment else { continue }
      if left == 0 { return range }
      left -= 1
    }
    return path.upperBound..<path.upperBound
  }

  /// What `*` stands for, with the slash before it.
  func rest(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Range<Int> {
    var walk = SegmentWalk(bytes, path)
    for _ in segments { _ = walk.next(bytes) }
    if walk.isAtEnd { return path.upperBound..<path.upperBound }
    return (walk.offset - 1)..<path.upperBound
  }
}

/// Goes through the segments of a path.
struct SegmentWalk {
  /// Where the next segment begins; at the path's end when there is none, or an empty one.
  private(set) var offset: Int
  private let end: Int
  private var isOver = false

  init(_ bytes: Span<UInt8>, _ path: Range<Int>) {
    end = path.upperBound
    offset = min(path.lowerBound + 1, end)
    // `*` has no segments; an empty path is `/`, which has one.
    isOver = !path.isEmpty && bytes[path.lowerBound] != UInt8(ascii: "/")
  }

  var isAtEnd: Bool { isOver }

  mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
    if isOver { return nil }
    let start = offset
    var index = start
    while index < end, bytes[index] != UInt8(ascii: "/") { index += 1 }
    isOver = index == end
    offset = isOver ? end : index + 1
    return start..<index
  }
}
