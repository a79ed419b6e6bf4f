public import Topology

/// What a session's cookie says for each server of a service, and back.
///
/// Tokens are found by a hash and compared like any others, not in constant
/// time: a token names a server and opens nothing. Who learned one byte by byte from our timing
/// would have what the server gives to everybody.
public struct SessionTokens: Sendable {
  private var tokens: [[UInt8]] = []
  /// By place in `tokens`.
  private var servers: [Int] = []
  /// From `ServerID.index` to the place.
  private var places: [Int: Int] = [:]
  /// Open addressing with linear steps, at most half full: places, or -1.
  private var slots: [Int32] = [-1]

  public init() {}

  public init(_ service: Service) {
    for server in service.servers where !server.stickyToken.isEmpty {
      places[server.id.index] = tokens.count
      tokens.append(server.stickyToken)
      servers.append(server.id.index)
    }
    var size = 1
    while size < 2 * tokens.count { size *= 2 }
    slots = Array(repeating: -1, count: max(2, size))
    for place in tokens.indices {
      let token = tokens[place]
      var slot = Self.hash(token.span, token.indices) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(truncatingIfNeeded: place)
    }
  }

  public var isEmpty: Bool { tokens.isEmpty }

  /// The `ServerID.index` that the bytes of `range` name.
  public func server(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    if tokens.isEmpty || range.isEmpty { return nil }
    var slot = Self.hash(bytes, range) & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if Self.equal(tokens[place], bytes, range) { return servers[place] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  public func token(ofServer server: Int) -> [UInt8]? { places[server].map { tokens[$0] } }

  /// Eight bytes at a time, mixed by a product. Who sends a cookie chooses only where it is looked
  /// for, not where tokens are.
  private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let end = min(offset + 8, range.upperBound)
      var word: UInt64 = 0
      while offset < end {
        word = word << 8 | UInt64(bytes[offset])
        offset += 1
      }
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 32
    }
    return Int(truncatingIfNeeded: hash)
  }

  private static func equal(_ token: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard token.count == range.count else { return false }
    for index in 0..<token.count where token[index] != bytes[range.lowerBound + index] {
      return false
    }
    return true
  }
}
