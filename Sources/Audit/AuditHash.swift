/// A SHA-256 value (FIPS 180-4): 32 bytes, written as 64 hexadecimal digits.
public struct AuditHash: Sendable, Hashable {
  /// Big-endian words.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// What comes before the first entry: all zero.
  public static let genesis = AuditHash(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Nil unless there are 32 of them.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    words = (0, 0, 0, 0)
    for byte in bytes { push(byte, bits: 8) }
  }

  /// 64 digits, of either case.
  public init?(_ text: String) {
    guard text.utf8.count == 64 else { return nil }
    words = (0, 0, 0, 0)
    for digit in text.utf8 {
      guard let value = Self.value(of: digit) else { return nil }
      push(value, bits: 4)
    }
  }

  /// Behind what is there; so many bits of the front go.
  private mutating func push(_ value: UInt8, bits: UInt64) {
    let carry = 64 - bits
    words.0 = words.0 << bits | words.1 >> carry
    words.1 = words.1 << bits | words.2 >> carry
    words.2 = words.2 << bits | words.3 >> carry
    words.3 = words.3 << bits | UInt64(value)
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 65...70: digit - 55
    case 97...102: digit - 87
    default: nil
    }
  }

  func append(to bytes: inout [UInt8]) {
    AuditChain.append(words.0, to: &bytes)
    AuditChain.append(words.1, to: &bytes)
    AuditChain.append(words.2, to: &bytes)
    AuditChain.append(words.3, to: &bytes)
  }

  public static func == (left: AuditHash, right: AuditHash) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.3)
  }
}

extension AuditHash: CustomStringConvertible {
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension AuditHash: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let hash = AuditHash(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no hash: \(text)")
    }
    self = hash
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
