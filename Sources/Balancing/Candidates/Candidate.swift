import Primitives
import Topology

/// A server that requests may go to now.
struct Candidate: Sendable {
  /// `ServerID.index`.
  let server: Int
  /// As configured, 1 … `heaviest`.
  let weight: Int
  /// Where its slow start began.
  let since: Instant?
  /// Of its name, and so the same in every process that balances over it.
  let hash: UInt64
  /// What it gets now, as `weight` but in hundredths: less than all of it during its slow start.
  var effective: Int

  static let heaviest = 1_000_000
  /// Weights are scaled, so that a tenth of 1 is a whole number too.
  static let scale = 100

  init(_ server: Server, hash: UInt64) {
    self.server = server.id.index
    self.weight = min(max(server.weight, 1), Self.heaviest)
    self.since = server.healthySince
    self.hash = hash
    self.effective = self.weight * Self.scale
  }

  /// FNV-1a (Fowler, Noll, Vo, 1991) with a finish that spreads it.
  static func hash(of name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash.mixed
  }
}

extension UInt64 {
  /// SplitMix64's finish (Steele, Lea, Flood, 2014): every bit depends on every bit.
  @inline(__always) var mixed: UInt64 {
    var mixed = self
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Spread over `0..<count` (Lemire, "Fast random integer generation in an interval", 2019).
  @inline(__always) func reduced(to count: Int) -> Int {
    Int(truncatingIfNeeded: multipliedFullWidth(by: UInt64(count)).high)
  }
}
