import Primitives
public import Topology
import Wire

/// What encoding does to an answer's head.
public enum AnswerCoding: Sendable, Equatable {
  /// It has no part in this answer.
  case none
  /// The content goes as it is, but another client would get it encoded.
  case asIs
  case coded(ContentCoding)
  /// 304 for content that the client has in this coding.
  case revalidated(ContentCoding)

  private var coding: ContentCoding? {
    switch self {
    case .none, .asIs: nil
    case .coded(let coding), .revalidated(let coding): coding
    }
  }

  /// Whether a field of the server's goes on as it is.
  func leaves(_ field: FieldTable.Field, _ bytes: Span<UInt8>) -> Bool {
    if coding == nil { return true }
    if case .coded = self {
      // Of another length, and its parts would be those of another content.
      if field.name == .contentLength { return false }
      if bytes.equalsIgnoringCase("accept-ranges", in: field.nameRange) { return false }
    }
    return !bytes.equalsIgnoringCase("etag", in: field.nameRange)
  }

  /// Writes the fields that it adds.
  func write(_ head: ResponseHead, _ bytes: Span<UInt8>, to writer: inout ByteWriter) {
    if self == .none { return }
    if let coding, let index = head.fields.firstIndex(named: Self.etag, bytes) {
      writer.append("ETag: ")
      CodedEntityTag.write(bytes, head.fields[index].valueRange, coding, to: &writer)
      writer.append("\r\n")
    }
    if case .coded(let coding) = self {
      writer.append("Content-Encoding: ")
      writer.append(coding.name)
      writer.append("\r\n")
    }
    if !Self.varies(head, bytes) { writer.append("Vary: Accept-Encoding\r\n") }
  }

  /// Whether the server says already that the answer depends on Accept-Encoding, or on anything
  /// (RFC 9110 section 12.5.5).
  private static func varies(_ head: ResponseHead, _ bytes: Span<UInt8>) -> Bool {
    var next = head.fields.firstIndex(named: vary, bytes)
    while let index = next {
      var list = ListReader(head.fields[index].valueRange)
      while let name = list.next(bytes) {
        if bytes.equalsIgnoringCase("accept-encoding", in: name) { return true }
        if name.count == 1, bytes[name.lowerBound] == UInt8(ascii: "*") { return true }
      }
      next = head.fields.firstIndex(named: vary, bytes, from: index + 1)
    }
    return false
  }

  private static let etag = Array("etag".utf8)
  private static let vary = Array("vary".utf8)
}
