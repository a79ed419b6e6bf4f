/// Consistent hashing: each server has points on a ring in proportion to its weight, and a key
/// belongs to the next point clockwise. Karger et al., "Consistent Hashing and Random Trees", STOC
/// 1997. A server that goes or comes moves only the keys of its own points.
///
/// A mean server has 91 … 181 points, its weight times a power of two that depends on the mean
/// weight alone: so the ring follows from the present servers and not from how they came to be, and
/// is the same in all processes. A table over the first bits of the key finds its point in O(1).
struct HashRing: Sendable {
  private static let pointsPerServer = 181.0
  private static let mostPoints = 100_000
  private static let serverBits: UInt64 = 24

  /// In order; 40 bits of hash over 24 bits of `ServerID.index`.
  private var points: [UInt64] = []
  /// The first point of each range of keys, as many ranges as half of the points.
  private var starts: [UInt32] = []
  private var shift: UInt64 = 63
  /// Points for weight 1, as a power of two.
  private var exponent = 0

  init() {}

  @inline(__always) func server(_ key: UInt64) -> Int {
    if points.isEmpty { return -1 }
    var index = Int(starts[Int(truncatingIfNeeded: key &>> shift)])
    let position = key >> Self.serverBits
    while index < points.count, points[index] >> Self.serverBits < position { index += 1 }
    if index == points.count { index = 0 }
    return Int(truncatingIfNeeded: points[index] & ((1 << Self.serverBits) - 1))
  }

  mutating func adopt(_ candidates: [Candidate], before: [Candidate], origins: [Int32]) {
    let exponent = Self.exponent(candidates)
    if exponent != self.exponent {
      self.exponent = exponent
      points = []
    }
    // The points that go are found as they were made.
    var stays = [Bool](repeating: false, count: before.count)
    var fresh: [UInt64] = []
    for (place, candidate) in candidates.enumerated() {
      let origin = Int(origins[place])
      if !points.isEmpty, origin >= 0, before[origin].weight == candidate.weight {
        stays[origin] = true
      } else {
        append(candidate, to: &fresh)
      }
    }
    var gone: [UInt64] = []
    for place in before.indices where !points.isEmpty && !stays[place] {
      append(before[place], to: &gone)
    }
    fresh.sort()
    gone.sort()
    merge(fresh, without: gone)
    index(fresh, without: gone)
  }

  private static func exponent(_ candidates: [Candidate]) -> Int {
    if candidates.isEmpty { return 0 }
    let mean = Double(candidates.reduce(0) { $0 + $1.weight }) / Double(candidates.count)
    return Int((pointsPerServer / mean).exponent)
  }

  private func append(_ candidate: Candidate, to fresh: inout [UInt64]) {
    // More servers than that would need more memory than there is.
    guard candidate.server < 1 << Int(Self.serverBits) else { return }
    let share =
      exponent >= 0 ? candidate.weight << exponent : candidate.weight >> min(62, -exponent)
    for number in 0..<min(max(share, 1), Self.mostPoints) {
      let hash = (candidate.hash &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15).mixed
      fresh.append((hash >> Self.serverBits) << Self.serverBits | UInt64(candidate.server))
    }
  }

  /// Moves whole runs between the changes.
  private mutating func merge(_ fresh: [UInt64], without gone: [UInt64]) {
    var merged: [UInt64] = []
    merged.reserveCapacity(points.count + fresh.count)
    var (start, next, last) = (0, 0, 0)
    while next < fresh.count || last < gone.count {
      let isFresh = last == gone.count || next < fresh.count && fresh[next] <= gone[last]
      let end = position(of: isFresh ? fresh[next] : gone[last], from: start)
      merged.append(contentsOf: points[start..<end])
      start = end
      if isFresh {
        merged.append(fresh[next])
        next += 1
      } else {
        if start < points.count, points[start] == gone[last] { start += 1 }
        last += 1
      }
    }
    merged.append(contentsOf: points[start...])
    points = merged
  }

  /// The first point from `start` on that isn't before `point`.
  private func position(of point: UInt64, from start: Int) -> Int {
    var (low, high) = (start, points.count)
    while low < high {
      let middle = (low + high) / 2
      if points[middle] < point { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func index(_ fresh: [UInt64], without gone: [UInt64]) {
    var bits: UInt64 = 1
    while 1 << (bits + 1) < points.count { bits += 1 }
    if 64 - bits == shift, !starts.isEmpty, fresh.count + gone.count < points.count / 8 {
      shiftStarts(fresh, without: gone)
      return
    }
    shift = 64 - bits
    starts = Array(repeating: 0, count: 1 << Int(bits))
    var range = 0
    for (index, point) in points.enumerated() {
      let last = Int(truncatingIfNeeded: point >> shift)
      while range <= last {
        starts[range] = UInt32(truncatingIfNeeded: index)
        range += 1
      }
    }
    while range < starts.count {
      starts[range] = UInt32(truncatingIfNeeded: points.count)
      range += 1
    }
  }

  /// Each range begins later by the fresh points before it and earlier by the gone ones.
  private mutating func shiftStarts(_ fresh: [UInt64], without gone: [UInt64]) {
    var (next, last, moved) = (0, 0, UInt32(0))
    for range in starts.indices {
      starts[range] &+= moved
      let limit = UInt64(truncatingIfNeeded: range)
      while next < fresh.count, fresh[next] >> shift == limit {
        moved &+= 1
        next += 1
      }
      while last < gone.count, gone[last] >> shift == limit {
        moved &-= 1
        last += 1
      }
    }
  }
}
