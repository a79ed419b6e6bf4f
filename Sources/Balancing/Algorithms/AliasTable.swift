import Primitives

/// Draws a place in proportion to the weights, with one random number and two look-ups: each column
/// holds one place up to a threshold and another above it. Walker, "An efficient method for
/// generating discrete random variables with general distributions", 1977; built as by Vose, "A
/// linear algorithm for generating random numbers with a given distribution", 1991. In whole numbers,
/// so the shares are exact: a column is as wide as the sum of the weights.
struct AliasTable: Sendable {
  private struct Column {
    var threshold: UInt64
    var other: Int32
  }

  /// Empty where all weights are equal: then a column is never divided.
  private var columns: [Column] = []
  private var width: UInt64 = 0
  private var count = 0

  init() {}

  /// - Parameter weights: at most 2^27 each; their sum times their count fits into 63 bits, which
  ///   holds for 200,000 of the heaviest candidates and is checked.
  init(_ weights: [Int]) {
    count = weights.count
    let sum = weights.reduce(0, +)
    let (_, overflow) = sum.multipliedReportingOverflow(by: max(1, count))
    guard let first = weights.first, !overflow, weights.contains(where: { $0 != first }) else {
      return
    }
    width = UInt64(sum)
    columns = weights.indices.map { Column(threshold: width, other: Int32($0)) }
    var rest = weights.map { $0 * count }
    var small = weights.indices.filter { rest[$0] < sum }
    var large = weights.indices.filter { rest[$0] >= sum }
    while let place = small.popLast(), let giver = large.last {
      columns[place] = Column(threshold: UInt64(rest[place]), other: Int32(giver))
      rest[giver] -= sum - rest[place]
      if rest[giver] < sum {
        large.removeLast()
        small.append(giver)
      }
    }
  }

  var isUniform: Bool { columns.isEmpty }

  @inline(__always) func draw(_ random: inout SeededRandom) -> Int {
    let (column, fraction) = random.next().multipliedFullWidth(by: UInt64(count))
    let place = Int(truncatingIfNeeded: column)
    if columns.isEmpty { return place }
    let drawn = columns[place]
    return fraction.multipliedFullWidth(by: width).high < drawn.threshold
      ? place : Int(drawn.other)
  }

  /// Another place than `first`, where there is one; only for equal weights.
  @inline(__always) func drawOther(than first: Int, _ random: inout SeededRandom) -> Int {
    if count < 2 { return first }
    let place = random.below(count - 1)
    return place < first ? place : place + 1
  }
}
