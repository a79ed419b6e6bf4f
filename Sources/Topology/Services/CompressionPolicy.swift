/// How an answer's content is encoded on its way (RFC 9110 section 8.4.1): gzip of RFC 1952, brotli
/// of RFC 7932, zstd of RFC 8878.
public enum ContentCoding: UInt8, Sendable, CaseIterable {
  case gzip, brotli, zstd

  /// As it stands in Accept-Encoding and Content-Encoding.
  public var name: StaticString {
    switch self {
    case .gzip: "gzip"
    case .brotli: "br"
    case .zstd: "zstd"
    }
  }
}

/// Which answers are compressed, and how. A class, so that a topology holds it by one reference.
public final class CompressionPolicy: Sendable {
  /// The preferred first: it decides among those that a client likes equally.
  public let codings: [ContentCoding]
  /// By the coding's raw value.
  public let levels: [Int]
  /// An answer that is known to be smaller goes as it is.
  public let minimumBytes: Int64
  public let types: [MediaPattern]

  public init(
    codings: [ContentCoding], levels: [Int], minimumBytes: Int64, types: [MediaPattern]
  ) {
    precondition(levels.count == ContentCoding.allCases.count)
    self.codings = codings
    self.levels = levels
    self.minimumBytes = minimumBytes
    self.types = types
  }

  public func level(of coding: ContentCoding) -> Int { levels[Int(coding.rawValue)] }
}

/// What a route says of its answers.
public enum RouteCompression: Sendable {
  case asService, off
  case on(CompressionPolicy)
}

/// A media type, `text/*`, or `*+json` for a suffix (RFC 6838 section 4.2.8).
public enum MediaPattern: Sendable, Equatable {
  /// In lower case.
  case exact([UInt8])
  case prefix([UInt8])
  case suffix([UInt8])

  /// - Parameter text: `application/json`, `text/*` or `*+json`.
  public init(_ text: String) {
    let bytes = Array(text.lowercased().utf8)
    if bytes.last == UInt8(ascii: "*") {
      self = .prefix(Array(bytes.dropLast()))
    } else if bytes.first == UInt8(ascii: "*") {
      self = .suffix(Array(bytes.dropFirst()))
    } else {
      self = .exact(bytes)
    }
  }

  /// - Parameter range: where the type stands, without parameters; in any case.
  public func takes(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    switch self {
    case .exact(let text): range.count == text.count && Self.agree(bytes, range.lowerBound, text)
    case .prefix(let text): range.count > text.count && Self.agree(bytes, range.lowerBound, text)
    case .suffix(let text):
      range.count > text.count && Self.agree(bytes, range.upperBound - text.count, text)
    }
  }

  private static func agree(_ bytes: Span<UInt8>, _ start: Int, _ text: [UInt8]) -> Bool {
    for index in text.indices {
      let byte = bytes[start + index]
      if (byte &- 65 < 26 ? byte | 0x20 : byte) != text[index] { return false }
    }
    return true
  }
}
