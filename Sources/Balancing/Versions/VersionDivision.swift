/// Which requests a share of them is.
struct VersionDivision: Sendable {
  /// 0 … 1.
  let share: Double
  let isHashed: Bool
  /// `share` of 2⁶⁴; only where it is neither none nor all.
  private let step: UInt64
  /// Grows by `step`; each time that it overflows is one request for the new version. So of n
  /// requests in a row the share gets n × share, with less than one between, and evenly (Bresenham,
  /// 1965).
  private(set) var phase: UInt64

  static let middle: UInt64 = 1 << 63
  /// So that the versions of a key say nothing of its servers.
  private static let salt: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(_ share: Double, isHashed: Bool, phase: UInt64) {
    self.share = share > 0 ? min(share, 1) : 0
    self.isHashed = isHashed
    self.phase = phase
    // The greatest number below 1 makes 2⁶⁴ − 2¹¹.
    step = self.share < 1 ? UInt64(self.share * 0x1p64) : .max
  }

  /// Whether a share of the requests is meant for each.
  var isPartial: Bool { share > 0 && share < 1 }

  /// Of one key always the same, and of a greater share still so.
  func isNew(key: UInt64) -> Bool { (key ^ Self.salt).mixed < step }

  mutating func isNextNew() -> Bool {
    let (sum, hasOverflown) = phase.addingReportingOverflow(step)
    phase = sum
    return hasOverflown
  }
}
