import Primitives

/// Requests a second over time, of a service whose number of replicas is to follow.
public struct LoadTrace: Sendable {
  public enum Shape: String, Sendable, CaseIterable {
    /// Doubles at a quarter of the time, and stays.
    case step
    /// From its low in the night over its high and back, as smooth as a cosine.
    case day
  }

  public var shape: Shape
  public var seconds: Double
  /// Requests a second.
  public var low: Double
  public var high: Double

  public init(shape: Shape, seconds: Double, low: Double, high: Double) {
    self.shape = shape
    self.seconds = seconds
    self.low = low
    self.high = high
  }

  /// An hour, and a day.
  public static func standard(_ shape: Shape) -> LoadTrace {
    switch shape {
    case .step: LoadTrace(shape: .step, seconds: 3_600, low: 60, high: 120)
    case .day: LoadTrace(shape: .day, seconds: 86_400, low: 20, high: 200)
    }
  }

  func rate(at second: Double) -> Double {
    switch shape {
    case .step: return second < seconds / 4 ? low : high
    case .day:
      let part = min(max(second / seconds, 0), 1)
      return low + (high - low) * (1 - cosine(2 * .pi * part)) / 2
    }
  }

  /// By its series, so that the layers of decisions need no C library; exact to 1e-9 up to 2π.
  private func cosine(_ angle: Double) -> Double {
    let near = angle > .pi ? 2 * .pi - angle : angle
    var (sum, term) = (1.0, 1.0)
    for step in 1...16 {
      let place = Double(2 * step)
      term *= -near * near / (place * (place - 1))
      sum += term
    }
    return sum
  }
}
