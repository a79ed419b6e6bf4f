internal import Glibc

/// Draws that service times and arrivals follow.
extension SeededRandom {
  /// Exponential with a mean of 1, by inversion; at most 36.8, the logarithm of 2^53.
  public mutating func exponential() -> Double { -log(1 - fraction()) }

  /// Normal with mean 0 and variance 1 (Box, Muller, "A Note on the Generation of Random Normal
  /// Deviates", 1958). The second value of the pair is not kept, so that a draw takes two numbers.
  public mutating func normal() -> Double {
    let radius = (2 * exponential()).squareRoot()
    return radius * cos(2 * .pi * fraction())
  }

  /// Log-normal with a mean of 1.
  /// - Parameter sigma: the standard deviation of its logarithm.
  public mutating func logNormal(sigma: Double) -> Double {
    exp(sigma * normal() - sigma * sigma / 2)
  }

  /// Pareto with a mean of 1, by inversion.
  /// - Parameter shape: over 1; the smaller, the heavier the tail.
  public mutating func pareto(shape: Double) -> Double {
    (shape - 1) / shape * pow(1 - fraction(), -1 / shape)
  }
}
