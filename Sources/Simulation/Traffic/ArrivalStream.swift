import Primitives

/// The requests of a scenario, one after the other.
struct ArrivalStream {
  struct Arrival {
    var at: TimeSpan
    var key: UInt64
    var isIdempotent: Bool
    /// What the request's service times are drawn from, so that they are the same with every
    /// algorithm.
    var seed: UInt64
  }

  /// A ramp is taken as level for so long.
  private static let rampStep = TimeSpan.milliseconds(100)

  private let scenario: Scenario
  private let keys: ZipfDistribution
  private var random: SeededRandom
  private var time = TimeSpan.zero
  private var step = 0
  private var traced = 0

  init(_ scenario: Scenario) {
    self.scenario = scenario
    keys = ZipfDistribution(count: scenario.keys.count, exponent: scenario.keys.zipf)
    random = SeededRandom(seed: scenario.seed ^ 0xA221_7A15)
  }

  /// Nil when no more come.
  mutating func next() -> Arrival? {
    if case .trace(let requests) = scenario.arrivals.process {
      guard traced < requests.count, requests[traced].at < scenario.duration else { return nil }
      let request = requests[traced]
      traced += 1
      return Arrival(
        at: request.at, key: request.key, isIdempotent: request.isIdempotent, seed: random.next())
    }
    guard advance() else { return nil }
    let isIdempotent = random.fraction() < scenario.idempotentShare
    let key = keys.draw(&random)
    return Arrival(
      at: time, key: UInt64(truncatingIfNeeded: key), isIdempotent: isIdempotent,
      seed: random.next())
  }

  /// Goes on by as much time as one request takes to come, over steps and ramps: the integral of the
  /// rate is what is drawn.
  private mutating func advance() -> Bool {
    var owed = scenario.arrivals.process == .uniform ? 1 : random.exponential()
    while time < scenario.duration {
      let (rate, end) = level()
      let span = (end - time).seconds
      if rate > 0, owed <= rate * span {
        time = time + TimeSpan.seconds(1).scaled(by: owed / rate)
        return time < scenario.duration
      }
      owed -= max(0, rate) * span
      time = end
    }
    return false
  }

  /// The rate now, and until when it holds; that is later than now.
  private mutating func level() -> (rate: Double, end: TimeSpan) {
    let steps = scenario.arrivals.steps
    while step + 1 < steps.count, steps[step + 1].at <= time { step += 1 }
    guard step < steps.count else { return (0, scenario.duration) }
    guard steps[step].at <= time else { return (0, min(steps[step].at, scenario.duration)) }
    guard step + 1 < steps.count else { return (steps[step].rate, scenario.duration) }
    let (here, next) = (steps[step], steps[step + 1])
    guard here.isRamp else { return (here.rate, min(next.at, scenario.duration)) }
    let part = (time - here.at).seconds / (next.at - here.at).seconds
    let end = min(time + Self.rampStep, next.at, scenario.duration)
    return (here.rate + (next.rate - here.rate) * part, end)
  }
}
