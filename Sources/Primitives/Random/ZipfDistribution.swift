internal import Glibc

/// Ranks from 0 whose frequency is in proportion to 1 / (rank + 1)^exponent (Zipf, 1949), as the
/// popularity of clients and pages is. An exponent of 0 is uniform.
public struct ZipfDistribution: Sendable {
  /// The share of the ranks up to this one.
  private let cumulative: [Double]

  public init(count: Int, exponent: Double) {
    var sum = 0.0
    var sums: [Double] = []
    sums.reserveCapacity(max(1, count))
    for rank in 1...max(1, count) {
      sum += pow(Double(rank), -exponent)
      sums.append(sum)
    }
    cumulative = sums.map { $0 / sum }
  }

  /// A binary search: O(log n).
  public func draw(_ random: inout SeededRandom) -> Int {
    let ticket = random.fraction()
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > ticket { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
