/// Which host a route takes. Bytes are in lower case, without port and final dot.
public enum HostPattern: Sendable, Hashable {
  case exact([UInt8])
  /// `*.example.com`: one label or more, then these bytes, which begin with a dot.
  case below([UInt8])

  /// Reads a checked pattern.
  public init(_ text: String) {
    var bytes = Array(text.lowercased().utf8)
    if bytes.count > 1, bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    self = bytes.first == UInt8(ascii: "*") ? .below(Array(bytes.dropFirst())) : .exact(bytes)
  }

  /// As it is written in a file.
  public var text: String {
    switch self {
    case .exact(let host): String(decoding: host, as: UTF8.self)
    case .below(let suffix): "*" + String(decoding: suffix, as: UTF8.self)
    }
  }

  /// - Parameter host: the host's bytes in any case, without port and final dot.
  public func takes(_ bytes: Span<UInt8>, _ host: Range<Int>) -> Bool {
    switch self {
    case .exact(let expected):
      host.count == expected.count && bytes.folded(host.lowerBound, equals: expected)
    case .below(let suffix):
      host.count > suffix.count
        && bytes.folded(host.upperBound - suffix.count, equals: suffix)
    }
  }

  /// An exact host before any wildcard, and a longer wildcard before a shorter one.
  var specificity: Int {
    switch self {
    case .exact: .max
    case .below(let suffix): suffix.count
    }
  }
}

extension Span<UInt8> {
  /// Whether the bytes from `start`, ASCII letters taken in lower case, are `expected`; they must all
  /// lie in the span.
  func folded(_ start: Int, equals expected: [UInt8]) -> Bool {
    for index in expected.indices {
      let byte = self[start + index]
      let folded = byte &- 65 < 26 ? byte | 0x20 : byte
      if folded != expected[index] { return false }
    }
    return true
  }

  /// The same, letter case told apart.
  func plain(_ start: Int, equals expected: [UInt8]) -> Bool {
    for index in expected.indices where self[start + index] != expected[index] { return false }
    return true
  }
}
