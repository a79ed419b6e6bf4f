import Primitives
public import Topology
public import Wire

/// Entity tags of answers that were encoded on the way (RFC 9110 section 8.8.3.3). `"v1"` goes out as
/// `W/"v1+gzip"`: weak, since the same content may be encoded to other bytes the next time, and
/// marked, so that a client's If-None-Match and If-Match can be told and go on as `"v1"`, the tag that
/// the server knows. A tag that is weak already is left alone: nobody compares its bytes.
public enum CodedEntityTag {
  /// Writes the tag of an answer that is encoded.
  /// - Parameter value: the field's value.
  static func write(
    _ bytes: Span<UInt8>, _ value: Range<Int>, _ coding: ContentCoding, to writer: inout ByteWriter
  ) {
    let quote = UInt8(ascii: "\"")
    guard value.count >= 2, bytes[value.lowerBound] == quote, bytes[value.upperBound - 1] == quote
    else {
      writer.append(bytes, value)
      return
    }
    writer.append("W/")
    writer.append(bytes, value.lowerBound..<(value.upperBound - 1))
    writer.append("+")
    writer.append(coding.name)
    writer.append("\"")
  }

  /// The coding of the last tag in the request's If-None-Match that has our mark.
  public static func coding(_ head: RequestHead, _ bytes: Span<UInt8>) -> ContentCoding? {
    var found: ContentCoding?
    for index in 0..<head.fields.count where isIfNoneMatch(bytes, head.fields[index].nameRange) {
      var scan = TagScan(head.fields[index].valueRange)
      while let tag = scan.next(bytes) { found = tag.coding ?? found }
    }
    return found
  }

  /// Whether the field compares tags that may be ours. Not If-Range: parts of the content as it is
  /// can't complete an encoded one.
  static func mayHoldMarks(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    isIfNoneMatch(bytes, name) || bytes.equalsIgnoringCase("if-match", in: name)
  }

  private static func isIfNoneMatch(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    bytes.equalsIgnoringCase("if-none-match", in: name)
  }

  /// Writes a list of tags as the server knows them.
  static func writeList(_ bytes: Span<UInt8>, _ value: Range<Int>, to writer: inout ByteWriter) {
    var scan = TagScan(value)
    var done = value.lowerBound
    while let tag = scan.next(bytes) {
      guard tag.coding != nil else { continue }
      writer.append(bytes, done..<tag.range.lowerBound)
      writer.append("\"")
      writer.append(bytes, tag.opaque)
      writer.append("\"")
      done = tag.range.upperBound
    }
    writer.append(bytes, done..<value.upperBound)
  }
}

/// Walks the tags of a list; what is none is stepped over.
private struct TagScan {
  struct Tag {
    /// With prefix and quotes.
    var range: Range<Int>
    /// Between the quotes, without our mark.
    var opaque: Range<Int>
    /// Of our mark, on a weak tag.
    var coding: ContentCoding?
  }

  private var offset: Int
  private let end: Int

  init(_ range: Range<Int>) {
    offset = range.lowerBound
    end = range.upperBound
  }

  mutating func next(_ bytes: Span<UInt8>) -> Tag? {
    let quote = UInt8(ascii: "\"")
    let first = offset
    while offset < end, bytes[offset] != quote { offset += 1 }
    guard offset < end else { return nil }
    let opening = offset
    offset += 1
    while offset < end, bytes[offset] != quote { offset += 1 }
    guard offset < end else { return nil }
    let closing = offset
    offset += 1
    let isWeak =
      opening >= first + 2 && bytes[opening - 1] == Octets.slash
      && bytes[opening - 2] == UInt8(ascii: "W")
    var tag = Tag(
      range: (isWeak ? opening - 2 : opening)..<offset, opaque: (opening + 1)..<closing)
    guard isWeak else { return tag }
    for coding in ContentCoding.allCases {
      let mark = coding.name.utf8CodeUnitCount
      guard tag.opaque.count > mark, bytes[closing - mark - 1] == UInt8(ascii: "+"),
        bytes.equalsIgnoringCase(coding.name, in: (closing - mark)..<closing)
      else { continue }
      tag.coding = coding
      tag.opaque = tag.opaque.lowerBound..<(closing - mark - 1)
      break
    }
    return tag
  }
}
