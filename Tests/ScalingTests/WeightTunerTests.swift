import Primitives
import Scaling
import Testing

/// The controller in closed loop with models of unequal servers.
@Suite struct WeightTunerTests {
  /// What balances, and so how a weight acts on a server's figure.
  enum Balancing: CaseIterable {
    case roundRobin, leastConnections
  }

  /// Servers as M/M/1 queues of these rates, under a load that is a share of all of them together.
  private struct Fleet {
    var rates: [Double]
    var load: Double
    var random: SeededRandom

    var names: [String] { rates.indices.map { "s\($0)" } }

    /// Requests a second of each server.
    func arrivals(_ weights: [Double], _ balancing: Balancing) -> [Double] {
      let total = load * rates.reduce(0, +)
      switch balancing {
      case .roundRobin:
        let sum = weights.reduce(0, +)
        // More than a server can do waits, and is turned away in the end.
        return weights.indices.map { min(total * weights[$0] / sum, rates[$0] * 0.995) }
      case .leastConnections:
        // Requests under way in proportion to the weights: as many as make the whole load.
        var (low, high) = (0.0, 1e6)
        for _ in 0..<100 {
          let middle = (low + high) / 2
          let sum = weights.indices.reduce(0) { $0 + throughput($1, middle * weights[$1]) }
          if sum < total { low = middle } else { high = middle }
        }
        return weights.indices.map { throughput($0, low * weights[$0]) }
      }
    }

    /// With n requests in an M/M/1 queue on average, n / (n + 1) of its rate.
    private func throughput(_ server: Int, _ underWay: Double) -> Double {
      rates[server] * underWay / (underWay + 1)
    }

    /// The mean of so many exponential answers has a relative error of one over their root.
    mutating func latencies(_ weights: [Double], _ balancing: Balancing) -> [Double] {
      let arrivals = arrivals(weights, balancing)
      return rates.indices.map { server in
        let answers = max(100, arrivals[server] * 10)
        let noise = 1 + random.normal() / answers.squareRoot()
        return max(0.3, noise) / (rates[server] - arrivals[server])
      }
    }

    mutating func utilizations(_ weights: [Double], _ balancing: Balancing) -> [Double] {
      let arrivals = arrivals(weights, balancing)
      return rates.indices.map { arrivals[$0] / rates[$0] * (1 + random.normal() * 0.03) }
    }
  }

  /// The greatest over the least.
  private func spread(_ values: [Double]) -> Double {
    (values.max() ?? 1) / max(values.min() ?? 1, 1e-9)
  }

  private static let cases = (1...8).flatMap { seed in
    Balancing.allCases.map { (UInt64(seed), $0) }
  }

  @Test(arguments: cases)
  func `unequal servers get equally busy, and nothing swings`(
    _ seed: UInt64, _ balancing: Balancing
  ) {
    var random = SeededRandom(seed: seed)
    let rates = (0..<5).map { _ in 50 + 100 * random.fraction() }
    var fleet = Fleet(rates: rates, load: 0.6, random: random)
    var tuner = WeightTuner(policy: .init(least: 0.4, most: 2.5))
    var weights = rates.map { _ in 1.0 }
    let before = spread(fleet.utilizations(weights, balancing))
    var history: [[Double]] = []
    for _ in 0..<120 {
      let values = fleet.utilizations(weights, balancing)
      _ = tuner.handle(zip(fleet.names, values).map { .init(server: $0, value: $1) })
      weights = fleet.names.map { tuner.factor(of: $0) }
      history.append(weights)
    }
    let after = spread(fleet.utilizations(weights, balancing))
    #expect(after < 1.35, "\(before) → \(after)")
    #expect(after <= before * 1.1)
    hold(history, least: 0.4, most: 2.5)
  }

  @Test(arguments: cases)
  func `unequal servers get equally fast, and nothing swings`(
    _ seed: UInt64, _ balancing: Balancing
  ) {
    var random = SeededRandom(seed: seed &+ 100)
    let rates = (0..<4).map { _ in 60 + 60 * random.fraction() }
    var fleet = Fleet(rates: rates, load: 0.7, random: random)
    var tuner = WeightTuner()
    var weights = rates.map { _ in 1.0 }
    let before = spread(fleet.latencies(weights, balancing))
    var history: [[Double]] = []
    for _ in 0..<150 {
      let values = fleet.latencies(weights, balancing)
      _ = tuner.handle(zip(fleet.names, values).map { .init(server: $0, value: $1) })
      weights = fleet.names.map { tuner.factor(of: $0) }
      history.append(weights)
    }
    let after = (0..<20).map { _ in spread(fleet.latencies(weights, balancing)) }.sorted()[10]
    #expect(after < max(1.6, before * 0.7), "\(before) → \(after)")
    hold(history, least: 0.5, most: 2)
  }

  /// Bounds always, steps of a tenth, and in the last third less than a step of movement.
  private func hold(_ history: [[Double]], least: Double, most: Double) {
    for round in history { #expect(round.allSatisfy { $0 >= least - 1e-9 && $0 <= most + 1e-9 }) }
    for (first, second) in zip(history, history.dropFirst()) {
      for (before, after) in zip(first, second) {
        #expect(abs(after / before - 1) < 0.25)
      }
    }
    let last = history.suffix(history.count / 3)
    for server in history[0].indices {
      let values = last.map { $0[server] }
      #expect(spread(values) < 1.2, "server \(server) moves: \(values)")
    }
  }

  @Test func `a server that no weight can make faster ends at its bound`() {
    var tuner = WeightTuner(policy: .init(least: 0.5, most: 2))
    for _ in 0..<100 {
      _ = tuner.handle([.init(server: "a", value: 0.01), .init(server: "b", value: 0.03)])
    }
    #expect(tuner.factor(of: "b") == 0.5)
    #expect(tuner.factor(of: "a") <= 2)
    // Nothing moves any more.
    #expect(
      tuner.handle([.init(server: "a", value: 0.01), .init(server: "b", value: 0.03)]) == false)
  }

  @Test func `even servers are left alone`() {
    var tuner = WeightTuner()
    var random = SeededRandom(seed: 7)
    for _ in 0..<200 {
      let round = ["a", "b", "c"].map {
        WeightTuner.Measure(server: $0, value: 0.01 * (1 + random.normal() * 0.03))
      }
      #expect(tuner.handle(round) == false)
    }
    #expect(tuner.isEven)
  }

  @Test func `a round without a figure of every server is no round`() {
    var tuner = WeightTuner()
    #expect(tuner.handle([]) == false)
    #expect(tuner.handle([.init(server: "a", value: 1)]) == false)
    for value in [0, -1, Double.nan, .infinity] {
      #expect(
        tuner.handle([.init(server: "a", value: 1), .init(server: "b", value: value)]) == false)
    }
    #expect(tuner.factor(of: "a") == 1)
  }

  @Test func `a reset makes every factor 1`() {
    var tuner = WeightTuner()
    for _ in 0..<20 {
      _ = tuner.handle([.init(server: "a", value: 0.01), .init(server: "b", value: 0.03)])
    }
    #expect(tuner.factor(of: "a") > 1)
    tuner.reset()
    #expect(tuner.factor(of: "a") == 1)
    #expect(tuner.factor(of: "b") == 1)
  }
}
