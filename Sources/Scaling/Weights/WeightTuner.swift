import Primitives

/// Evens the latency, or the CPU, of unequal servers by small changes of their weights.
///
/// How much a server's figure answers to its weight isn't known and changes with the load: hardly at all
/// for the latency of a server at rest, many times over near its saturation. So only the direction of the
/// error counts, and each server has a step of its own, which shrinks to half when the error changes its
/// sign and grows slowly while it does not (after Rprop: Riedmiller, Braun, "A Direct Adaptive Method for
/// Faster Backpropagation Learning", 1993). A controller with a fixed gain swings for ever somewhere.
///
/// Errors are on the scale of logarithms, against the mean of all; within the dead band nothing moves.
/// The factors' geometric mean stays 1 as far as their bounds let it.
///
/// The caller sends a round of measures every few seconds, with all servers that take part: those whose
/// weight an operator set are not among them. A round that lacks answers of some server is no round.
public struct WeightTuner: Sendable {
  public struct Policy: Sendable, Equatable {
    /// Of each factor; `least` is under 1 and `most` over it.
    public var least: Double
    public var most: Double

    public init(least: Double = 0.5, most: Double = 2) {
      self.least = least
      self.most = most
    }
  }

  public struct Measure: Sendable, Equatable {
    public var server: String
    /// Over 0: seconds, or a share.
    public var value: Double

    public init(server: String, value: Double) {
      self.server = server
      self.value = value
    }
  }

  struct State: Sendable, Equatable {
    /// Logarithm of the factor.
    var factor = 0.0
    var step = WeightTuner.firstStep
    /// The sign of the last error outside of the dead band.
    var sign = 0.0
    /// Logarithm of the measure, smoothed.
    var level: Double?
  }

  /// With fewer answers in a round a server's mean says too little: of 100 exponential ones it is 10 % off.
  public static let leastAnswers = 100
  /// Figures within 8 % of their mean are even. Once they are, they may be off by half as much again
  /// before anything moves.
  static let deadBand = 0.08
  static let hysteresis = 1.5
  static let smoothing = 0.5
  static let firstStep = 0.05
  /// More names than that, and those of servers that are gone are forgotten.
  static let mostServers = 4_096
  static let leastStep = 0.005
  static let mostStep = 0.1

  public var policy: Policy
  private(set) var states: [String: State] = [:]
  /// Whether the last round found nothing to move.
  public private(set) var isEven = false

  public init(policy: Policy = Policy()) { self.policy = policy }

  /// By server, 1 for those of which nothing is known.
  public func factor(of server: String) -> Double {
    states[server].map { exponential($0.factor) } ?? 1
  }

  /// Every factor is 1 again.
  public mutating func reset() {
    states = [:]
    isEven = false
  }

  /// - Returns: whether any factor changed.
  public mutating func handle(_ round: [Measure]) -> Bool {
    let names = Set(round.map(\.server))
    if states.count > Self.mostServers { states = states.filter { names.contains($0.key) } }
    guard round.count > 1, round.allSatisfy({ $0.value > 0 && $0.value.isFinite }) else {
      return false
    }
    var levels: [Double] = []
    for measure in round {
      var state = states[measure.server] ?? State()
      let level = naturalLogarithm(measure.value)
      state.level = state.level.map { $0 + Self.smoothing * (level - $0) } ?? level
      levels.append(state.level ?? level)
      states[measure.server] = state
    }
    let mean = levels.reduce(0, +) / Double(levels.count)
    let band = isEven ? Self.deadBand * Self.hysteresis : Self.deadBand
    isEven = levels.allSatisfy { abs($0 - mean) <= band }
    guard !isEven else { return false }
    let before = states.mapValues(\.factor)
    for (measure, level) in zip(round, levels) { move(measure.server, error: level - mean) }
    center(names)
    return states.contains { abs($0.value.factor - (before[$0.key] ?? 0)) > 1e-9 }
  }

  private mutating func move(_ server: String, error: Double) {
    guard var state = states[server], abs(error) > Self.deadBand else { return }
    let sign = error > 0 ? 1.0 : -1.0
    if state.sign != 0 {
      let change = sign == state.sign ? 1.2 : 0.5
      state.step = min(max(state.step * change, Self.leastStep), Self.mostStep)
    }
    state.sign = sign
    state.factor -= sign * min(state.step, abs(error))
    states[server] = state
  }

  /// Weights count against one another only: all of them moving the same way is no change.
  private mutating func center(_ names: Set<String>) {
    let mean = names.reduce(0) { $0 + (states[$1]?.factor ?? 0) } / Double(max(1, names.count))
    let (least, most) = (naturalLogarithm(policy.least), naturalLogarithm(policy.most))
    for name in names {
      guard let factor = states[name]?.factor else { continue }
      states[name]?.factor = min(max(factor - mean, least), most)
    }
  }
}
