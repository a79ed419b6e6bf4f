public import Primitives

/// What a load balancer in front of us says of the client at the beginning of a connection ("The
/// PROXY protocol, versions 1 & 2", Willy Tarreau, 2020).
public struct ProxyHeader: Sendable, Equatable {
  public enum Version: Sendable {
    /// A line of text · binary.
    case text, binary
  }

  public enum Problem: Error, Sendable, Equatable {
    /// The bytes begin with something else.
    case missing
    case malformed
    /// Longer than we take, or than the protocol allows.
    case tooLong
    /// The checksum that it brings is not its own.
    case badChecksum
  }

  /// How far bytes are from being a header's beginning.
  public enum Beginning: Sendable {
    case isOne, mayBecomeOne, isNone
  }

  /// The client and where it connected to. Nil where the header names nobody: a check of the
  /// balancer's own, or a client without an IP address. Then the connection's own addresses hold.
  public var source: SocketAddress?
  public var destination: SocketAddress?
  /// Bytes of the header; what follows is the client's.
  public var count: Int

  public init(source: SocketAddress? = nil, destination: SocketAddress? = nil, count: Int) {
    self.source = source
    self.destination = destination
    self.count = count
  }

  /// Bytes of the longest line of version 1, its end included (section 2.1).
  public static let longestText = 107
  /// Bytes of the longest header of version 2 that we take; the protocol has room for 65,551.
  public static let longestBinary = 4_096

  static let signature: InlineArray<12, UInt8> = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]
  static let word: InlineArray<6, UInt8> = [0x50, 0x52, 0x4F, 0x58, 0x59, 0x20]

  public static func beginning(_ bytes: Span<UInt8>) -> Beginning {
    func compare(_ other: Span<UInt8>) -> Beginning {
      for index in 0..<min(bytes.count, other.count) where bytes[index] != other[index] {
        return .isNone
      }
      return bytes.count < other.count ? .mayBecomeOne : .isOne
    }
    let text = compare(word.span)
    return text == .isNone ? compare(signature.span) : text
  }

  /// - Returns: nil when the header is not whole yet.
  public static func read(_ bytes: Span<UInt8>) throws(Problem) -> ProxyHeader? {
    switch beginning(bytes) {
    case .isNone: throw .missing
    case .mayBecomeOne: return nil
    case .isOne: break
    }
    return bytes[0] == word[0] ? try readText(bytes) : try readBinary(bytes)
  }

  // MARK: Version 1

  private static func readText(_ bytes: Span<UInt8>) throws(Problem) -> ProxyHeader? {
    var end = 0
    while true {
      // The longest line has its CR at 105 and its LF behind it.
      if end == longestText - 1 { throw .tooLong }
      if end >= bytes.count { return nil }
      if bytes[end] == Octets.carriageReturn { break }
      end += 1
    }
    if end + 1 >= bytes.count { return nil }
    guard bytes[end + 1] == Octets.lineFeed else { throw .malformed }
    let line = String(decoding: (word.count..<end).map { bytes[$0] }, as: UTF8.self)
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    // Whatever follows this word is to be ignored.
    if words.first == "UNKNOWN" { return ProxyHeader(count: end + 2) }
    guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6" else { throw .malformed }
    let isOld = words[0] == "TCP4"
    guard let source = address(words[1], port: words[3], isOld: isOld),
      let destination = address(words[2], port: words[4], isOld: isOld)
    else { throw .malformed }
    return ProxyHeader(source: source, destination: destination, count: end + 2)
  }

  private static func address(
    _ host: Substring, port: Substring, isOld: Bool
  ) -> SocketAddress? {
    guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
      port == "0" || !port.hasPrefix("0"), let number = UInt16(port), !host.hasPrefix("["),
      let address = SocketAddress(host: String(host), port: number)
    else { return nil }
    switch address {
    case .ipv4: return isOld ? address : nil
    case .ipv6: return isOld ? nil : address.withoutMapping
    case .unix: return nil
    }
  }

  // MARK: Version 2

  private static func readBinary(_ bytes: Span<UInt8>) throws(Problem) -> ProxyHeader? {
    guard bytes.count >= 16 else { return nil }
    let count = 16 + Int(bytes[14]) << 8 + Int(bytes[15])
    guard count <= longestBinary else { throw .tooLong }
    let (command, kind) = (bytes[12], bytes[13])
    guard command == 0x20 || command == 0x21 else { throw .malformed }
    guard bytes.count >= count else { return nil }
    // LOCAL: the balancer speaks for itself, and nothing of what follows is looked at.
    if command == 0x20 { return ProxyHeader(count: count) }
    var header = ProxyHeader(count: count)
    var offset = 16
    switch kind {
    case 0x00: break
    case 0x11:
      guard count >= 28 else { throw .malformed }
      header.source = .ipv4(address: UInt32(number(bytes, 16, 4)), port: port(bytes, 24))
      header.destination = .ipv4(address: UInt32(number(bytes, 20, 4)), port: port(bytes, 26))
      offset = 28
    case 0x21:
      guard count >= 52 else { throw .malformed }
      header.source = ipv6(bytes, 16, port(bytes, 48))
      header.destination = ipv6(bytes, 32, port(bytes, 50))
      offset = 52
    case 0x31:
      guard count >= 232 else { throw .malformed }
      offset = 232
    default: throw .malformed
    }
    try lookThrough(bytes.extracting(0..<count), from: offset)
    return header
  }

  /// What follows the addresses has to be well-formed, and a checksum right (section 2.2.3).
  private static func lookThrough(_ bytes: Span<UInt8>, from start: Int) throws(Problem) {
    var offset = start
    while offset < bytes.count {
      guard offset + 3 <= bytes.count else { throw .malformed }
      let (type, size) = (bytes[offset], Int(number(bytes, offset + 1, 2)))
      guard size <= bytes.count - offset - 3 else { throw .malformed }
      if type == 0x03 {
        guard size == 4 else { throw .malformed }
        let said = UInt32(number(bytes, offset + 3, 4))
        guard CRC32C.sum(bytes, zeroing: offset + 3..<offset + 7) == said else {
          throw .badChecksum
        }
      }
      offset += 3 + size
    }
  }

  /// `size` bytes, at most 8, in network order; all of them are there.
  private static func number(_ bytes: Span<UInt8>, _ start: Int, _ size: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in start..<start + size { number = number << 8 | UInt64(bytes[index]) }
    return number
  }

  private static func port(_ bytes: Span<UInt8>, _ start: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: number(bytes, start, 2))
  }

  private static func ipv6(_ bytes: Span<UInt8>, _ start: Int, _ port: UInt16) -> SocketAddress {
    SocketAddress.ipv6(
      high: number(bytes, start, 8), low: number(bytes, start + 8, 8), port: port
    ).withoutMapping
  }
}

/// Castagnoli's checksum (RFC 3720 appendix B.4), bit by bit: headers are short, and few bring one.
enum CRC32C {
  /// - Parameter zeroing: bytes that are taken for zero.
  static func sum(_ bytes: Span<UInt8>, zeroing hole: Range<Int>) -> UInt32 {
    var sum = UInt32.max
    for index in 0..<bytes.count {
      sum ^= hole.contains(index) ? 0 : UInt32(bytes[index])
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }
    return ~sum
  }
}
