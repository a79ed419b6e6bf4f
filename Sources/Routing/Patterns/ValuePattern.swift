/// What the value of a header or a parameter has to be.
public enum ValuePattern: Sendable, Hashable {
  /// Any value, also an empty one.
  case present
  case exact([UInt8])
  case prefix([UInt8])

  /// Reads `*`, `PREFIX*` or a value.
  public init(_ text: String) {
    let bytes = Array(text.utf8)
    if text == "*" {
      self = .present
    } else if bytes.last == UInt8(ascii: "*") {
      self = .prefix(Array(bytes.dropLast()))
    } else {
      self = .exact(bytes)
    }
  }

  /// As it is written in a file.
  public var text: String {
    switch self {
    case .present: "*"
    case .exact(let value): String(decoding: value, as: UTF8.self)
    case .prefix(let value): String(decoding: value, as: UTF8.self) + "*"
    }
  }

  func takes(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    switch self {
    case .present: true
    case .exact(let value):
      range.count == value.count && bytes.plain(range.lowerBound, equals: value)
    case .prefix(let value):
      range.count >= value.count && bytes.plain(range.lowerBound, equals: value)
    }
  }

  func takesDecoded(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    switch self {
    case .present: true
    case .exact(let value): DecodedBytes.equal(bytes, range, value, isPrefix: false)
    case .prefix(let value): DecodedBytes.equal(bytes, range, value, isPrefix: true)
    }
  }

  /// Whether every value that `other` takes is taken by this pattern too.
  func covers(_ other: ValuePattern) -> Bool {
    switch (self, other) {
    case (.present, _): true
    case (.prefix(let value), .exact(let longer)), (.prefix(let value), .prefix(let longer)):
      longer.starts(with: value)
    case (.exact, _), (.prefix, .present): self == other
    }
  }
}

/// Part of a query as the application understands it (`application/x-www-form-urlencoded`).
enum DecodedBytes {
  /// Whether the bytes of `range`, decoded, are `expected`, or begin with it.
  static func equal(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: [UInt8], isPrefix: Bool
  ) -> Bool {
    var offset = range.lowerBound
    for byte in expected {
      guard offset < range.upperBound else { return false }
      var found = bytes[offset]
      if found == UInt8(ascii: "+") {
        found = UInt8(ascii: " ")
      } else if found == UInt8(ascii: "%"), range.upperBound - offset >= 3,
        let high = hexadecimal(bytes[offset + 1]), let low = hexadecimal(bytes[offset + 2])
      {
        found = high << 4 | low
        offset += 2
      }
      if found != byte { return false }
      offset += 1
    }
    return isPrefix || offset == range.upperBound
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    let digit = byte &- 48
    if digit < 10 { return digit }
    let letter = (byte | 0x20) &- 97
    return letter < 6 ? letter &+ 10 : nil
  }
}
