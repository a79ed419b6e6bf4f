/// n like servers of which k must work, in closed form.
///
/// A server is down for a share U of the time. The beta factor splits it into (1 − β)·U, in which it
/// is down on its own, and β·U, in which all are. With X ~ Binomial(n, (1 − β)·U) servers down on
/// their own, the service is down for the share
///
///     β·U + (1 − β·U) · P(X > n − k)
///
/// of the time. A service of one server has no others to share a cause with: U.
public struct RedundantServers: Sendable, Equatable {
  public var count: Int
  public var needed: Int
  /// Of one server, 0 … 1.
  public var unavailability: Double
  public var beta: Double

  /// Beyond it the terms cost more than anyone learns from them.
  public static let most = 2_000

  public init(count: Int, needed: Int, unavailability: Double, beta: Double) {
    self.count = min(max(0, count), Self.most)
    self.needed = max(0, needed)
    self.unavailability = min(1, max(0, unavailability))
    self.beta = min(1, max(0, beta))
  }

  /// The share of time in which fewer than `needed` work, 0 … 1.
  public var serviceUnavailability: Double {
    if needed > count { return 1 }
    if needed == 0 { return 0 }
    if count == 1 { return unavailability }
    return common + (1 - common) * independent
  }

  /// What no number of further servers takes away.
  public var common: Double { count == 1 ? 0 : beta * unavailability }

  /// P(X > n − k). Summed from the small end, so that terms of 1e-12 are not lost beside 1.
  private var independent: Double {
    let down = (1 - beta) * unavailability
    var distribution = [1.0]
    for _ in 0..<count {
      var next = [Double](repeating: 0, count: distribution.count + 1)
      for (index, share) in distribution.enumerated() {
        next[index] += share * (1 - down)
        next[index + 1] += share * down
      }
      distribution = next
    }
    return min(1, distribution[(count - needed + 1)...].reversed().reduce(0, +))
  }
}
