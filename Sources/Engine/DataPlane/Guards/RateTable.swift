import Guarding
import Primitives
import Topology

/// The buckets of one rate limit.
final class RateTable: Sendable {
  let limit: RateLimit
  private let rate: CellRate
  private let table: SharedTable

  /// - Returns: nil without memory.
  init?(_ limit: RateLimit) {
    guard let table = SharedTable(sets: limit.key == .all ? 1 : SharedTable.mostSets) else {
      return nil
    }
    self.limit = limit
    self.table = table
    rate = CellRate(count: limit.count, per: limit.span, burst: limit.burst)
  }

  /// Takes one request out of the bucket of a key.
  /// - Returns: nil when it was there; else how long it takes until one is.
  func take(_ hash: UInt64, now: Instant) -> TimeSpan? {
    let (now, rate) = (now.nanoseconds, rate)
    return table.change(hash, isFree: { $0 <= now }) { fullAt, _ in
      switch rate.decide(fullAt: fullAt, now: now) {
      case .admitted(let next):
        fullAt = next
        return nil
      case .refused(let wait): return wait
      }
    }
  }
}
