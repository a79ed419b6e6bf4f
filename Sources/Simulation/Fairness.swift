/// Jain's index of fairness: 1 when all shares are equal, 1/n when one has everything.
/// Jain, Chiu, Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984.
public func fairness(of shares: [Double]) -> Double {
  let sum = shares.reduce(0, +)
  let squares = shares.reduce(0) { $0 + $1 * $1 }
  return squares > 0 ? sum * sum / (Double(shares.count) * squares) : 1
}
