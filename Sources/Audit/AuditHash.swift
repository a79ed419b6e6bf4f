/// A SHA-256 value (FIPS 180-4): 32 bytes, written as 64 hexadecimal digits.
public struct AuditHash: Sendable, Hashable {
  /// Big-endian words.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// What comes before the first entry: all zero.
  public static let genesis = AuditHash(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Nil unless there are 32 of them.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var all: [UInt64] = [0, 0, 0, 0]
    for (place, byte) in bytes.enumerated() { all[place / 8] = all[place / 8] << 8 | UInt64(byte) }
    words = (all[0], all[1], all[2], all[3])
  }

  /// 64 digits, of either case.
  public init?(_ text: some StringProtocol) {
    let digits = text.utf8
    guard digits.count == 64 else { return nil }
    var all: [UInt64] = [0, 0, 0, 0]
    for (place, digit) in digits.enumerated() {
      guard let value = Self.value(of: digit) else { return nil }
      all[place / 16] = all[place / 16] << 4 | UInt64(value)
    }
    words = (all[0], all[1], all[2], all[3])
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
    for word in [words.0, words.1, words.2, words.3] { AuditChain.append(word, to: &bytes) }
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
