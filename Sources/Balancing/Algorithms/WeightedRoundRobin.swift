import Primitives

/// Smooth weighted round robin as earliest deadline first (stride scheduling: Waldspurger, Weihl,
/// MIT/LCS/TM-528, 1995): each candidate has a deadline on a virtual clock, the earliest is taken
/// and moves on by its stride, `2^52 / weight`. Over any span of the clock each gets its weight's
/// share to within one request; a pick is one sift in a heap, O(log n).
///
/// First deadlines lie apart by the golden ratio, so that equal weights don't come in bursts.
/// Deadlines wrap around; all lie within one stride (under 2^49) of the clock, so their order is
/// that of their distance to it.
struct StrideSchedule: Sendable {
  /// Places as a binary heap of their deadlines.
  private var heap: [Int32] = []
  /// By place.
  private var deadlines: [UInt64] = []
  private var strides: [UInt64] = []
  /// The deadline of the last pick.
  private var clock: UInt64 = 0

  init() {}

  /// Takes over other weights or candidates. Who stays keeps the part of its stride that it has
  /// waited for already, so a change doesn't begin the round anew.
  /// - Parameter origins: where each candidate stood before; -1 for a new one.
  mutating func adopt(_ weights: [Int], origins: [Int32]) {
    let (oldDeadlines, oldStrides) = (deadlines, strides)
    strides = weights.map { (1 << 52) / UInt64(max(1, $0)) }
    deadlines = strides.indices.map { place in
      let stride = strides[place]
      let origin = Int(origins[place])
      guard origin >= 0, origin < oldStrides.count else {
        return clock &+ (stride >> 16) &* (UInt64((place + 1) &* 40_503) & 0xFFFF)
      }
      // In parts of 2^-14, as a stride is under 2^50.
      let wait = min(oldDeadlines[origin] &- clock, oldStrides[origin])
      return clock &+ ((wait << 14) / oldStrides[origin] * stride) >> 14
    }
    heap = deadlines.indices.map { Int32(truncatingIfNeeded: $0) }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(index) }
  }

  var next: Int { Int(heap[0]) }

  /// How long until its turn, on the virtual clock.
  func wait(_ place: Int) -> Double { Double(deadlines[place] &- clock) * 0x1p-52 }

  /// The first in the heap had its turn.
  @inline(__always) mutating func advance() {
    let place = Int(heap[0])
    clock = deadlines[place]
    deadlines[place] = clock &+ strides[place]
    sift(0)
  }

  /// One had its turn before the others; finding it in the heap costs O(n).
  mutating func advance(_ place: Int) {
    guard let index = heap.firstIndex(of: Int32(truncatingIfNeeded: place)) else { return }
    // No sooner than it was due, and no later than one stride from now, which all are within.
    deadlines[place] = clock &+ strides[place]
    sift(index)
  }

  @inline(__always) private func isEarlier(_ left: Int32, _ right: Int32) -> Bool {
    let (one, other) = (deadlines[Int(left)] &- clock, deadlines[Int(right)] &- clock)
    return one != other ? one < other : left < right
  }

  private mutating func sift(_ start: Int) {
    var index = start
    let moving = heap[index]
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, isEarlier(heap[child + 1], heap[child]) { child += 1 }
      guard isEarlier(heap[child], moving) else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = moving
  }
}

extension Balancer {
  /// Who is passed over had its turn: else it would have all of them at once when it is back.
  mutating func pickWeightedRoundRobin(
    _ question: Question, _ loads: [ServerLoad]
  ) -> Int {
    for _ in 0..<Self.attempts {
      let place = schedule.next
      schedule.advance()
      if admits(place, question, loads) { return place }
    }
    return -1
  }
}
