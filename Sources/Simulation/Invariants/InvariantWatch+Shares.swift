import Topology

/// Shares in a run in which nothing happened.
extension InvariantWatch {
  /// Standard deviations within which a random share stays: over 10,000 runs of 12 servers, one
  /// of a billion shares would be further off.
  private static let deviations = 6.0

  mutating func checkShares(_ simulator: Simulator) {
    let scenario = simulator.scenario
    let isCalm =
      scenario.faults.isEmpty && scenario.scaling.isEmpty && scenario.service.stickiness == nil
      && scenario.service.limits.requests == 0 && scenario.service.limits.connections == 0
      && !scenario.service.limits.isAdaptive
    let counts = simulator.recorder
    guard isCalm, counts.retries == 0, counts.hedges == 0, counts.ejections == 0,
      counts.falseAlarms == 0, counts.servers.allSatisfy({ $0.failures == 0 })
    else { return }
    let first = scenario.servers.filter { $0.weight > 0 }.map(\.priority).min() ?? 0
    var used = scenario.servers.indices.filter {
      scenario.servers[$0].priority == first && scenario.servers[$0].weight > 0
    }
    let near = used.filter { scenario.servers[$0].isLocal }
    if !near.isEmpty { used = near }
    let weights = used.reduce(0) { $0 + scenario.servers[$1].weight }
    guard weights > 0 else { return }
    for server in used {
      let model = scenario.servers[server]
      let part = Double(model.weight) / Double(weights)
      let fair = part * Double(counts.tries)
      let count = counts.servers[server].tries
      if fair >= Self.enoughToStarve, mustShare(scenario), count == 0 {
        note("\(model.name) starved; its weight gives \(fair) requests")
      }
      guard let slack = slack(scenario, fair: fair, part: part, servers: used.count) else {
        continue
      }
      if abs(Double(count) - fair) > slack {
        note("\(model.name) got \(count) requests; its weight gives \(fair) ± \(slack)")
      }
    }
  }

  /// A healthy server whose fair part is so many requests gets one at least.
  private static let enoughToStarve = 50.0

  private func mustShare(_ scenario: Scenario) -> Bool {
    switch scenario.service.algorithm {
    case .first, .hash: false
    case .roundRobin, .random, .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad: true
    }
  }

  /// How far a server's count may be from its fair one; nil where the algorithm promises nothing.
  private func slack(_ scenario: Scenario, fair: Double, part: Double, servers: Int) -> Double? {
    switch scenario.service.algorithm {
    case .roundRobin:
      // Smooth weighted round robin is off by less than one turn of all servers, in each worker.
      Double(servers * max(1, scenario.workers))
    case .random: Self.deviations * (fair * (1 - part)).squareRoot() + 3
    case .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad, .first, .hash: nil
    }
  }
}
