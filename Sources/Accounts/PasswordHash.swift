/// A password as it is kept: what scrypt (RFC 7914) makes of it, with how. Written
/// `scrypt$15$8$3$SALT$HASH`: log2 of N, r, p, and both byte strings in hexadecimal.
public struct PasswordHash: Sendable, Equatable {
  /// The cost of one hash: memory is 128 · N · r bytes, and the work is that p times over.
  public struct Cost: Sendable, Equatable {
    public var logN: Int
    public var r: Int
    public var p: Int

    public init(logN: Int, r: Int, p: Int) {
      self.logN = logN
      self.r = r
      self.p = p
    }

    /// 32 MiB, three times over: as OWASP's Password Storage Cheat Sheet has it for that much memory.
    public static let usual = Cost(logN: 15, r: 8, p: 3)

    /// Bytes of memory; a hash from elsewhere asks for no more than `most`.
    public var memory: Int { 128 << logN * r }
    public static let mostMemory = 64 << 20

    /// Whether it may be carried out: a kept hash may come from a backup of somebody else's.
    var isBearable: Bool {
      (10...20).contains(logN) && (1...16).contains(r) && (1...16).contains(p)
        && memory <= Self.mostMemory
    }
  }

  public static let saltBytes = 16
  public static let hashBytes = 32

  public var cost: Cost
  public var salt: [UInt8]
  public var hash: [UInt8]

  public init(cost: Cost, salt: [UInt8], hash: [UInt8]) {
    self.cost = cost
    self.salt = salt
    self.hash = hash
  }

  /// Nil for what isn't one, or costs more than it may.
  public init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]),
      let r = Int(parts[2]), let p = Int(parts[3]), let salt = Hexadecimal.bytes(parts[4]),
      let hash = Hexadecimal.bytes(parts[5]), salt.count == Self.saltBytes,
      hash.count == Self.hashBytes
    else { return nil }
    let cost = Cost(logN: logN, r: r, p: p)
    guard cost.isBearable else { return nil }
    self.init(cost: cost, salt: salt, hash: hash)
  }

  public var text: String {
    "scrypt$\(cost.logN)$\(cost.r)$\(cost.p)$\(Hexadecimal.text(salt))$\(Hexadecimal.text(hash))"
  }

  /// Takes as long for a wrong hash as for a right one.
  public func matches(_ other: [UInt8]) -> Bool {
    guard other.count == hash.count else { return false }
    return zip(hash, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// Bytes as text, two digits each.
public enum Hexadecimal {
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    let digits = Array("0123456789abcdef".utf8)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for what isn't.
  public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      let digit: UInt8
      switch character {
      case 48...57: digit = character - 48
      case 97...102: digit = character - 87
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }
}
