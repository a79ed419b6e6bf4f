public import Primitives
public import Topology

extension Balancer {
  /// Takes over a topology's word. What it doesn't change stays as it is: whose turn it is, the
  /// tables, and what is known of the servers.
  /// - Parameters:
  ///   - servers: those that are balanced over; nil for all of the service.
  ///   - limits: one loop's share of the service's.
  ///   - loads: indexed by `ServerID.index`, with a place for each of the service's servers.
  public mutating func adopt(
    _ service: Service, servers: [Server]? = nil, limits: Limits, loads: inout [ServerLoad],
    now: Instant
  ) {
    self.service = service
    self.servers = servers ?? service.servers
    admission = Admission(limits)
    adoptSessions(&loads)

    let before = candidates
    var origins = adoptCandidates(service, &loads)
    let isOtherMethod = adoptMethod(service)
    let hasOtherMembers =
      origins.count != before.count
      || origins.indices.contains {
        Int(origins[$0]) != $0 || before[$0].weight != candidates[$0].weight
      }
    let ramps = method != .hash && method != .first
    let hasOtherWeights = slowStart.apply(
      ramps ? service.slowStart : .zero, to: &candidates, now: now)
    follow(loads)
    if isOtherMethod {
      // Tables of long ago speak of other places.
      forgetTables()
      origins = Array(repeating: -1, count: candidates.count)
    }
    if isOtherMethod || hasOtherMembers {
      turn = moved(turn, before, loads)
      rebuild(before: isOtherMethod ? [] : before, origins, loads)
    } else if hasOtherWeights {
      reweigh(loads)
    }
    // Limits and breakers may have changed without a word.
    leaveBench(loads)
    upkeepDue = min(slowStart.nextStep, now + Self.recount)
  }

  private mutating func adoptSessions(_ loads: inout [ServerLoad]) {
    for server in sessionServers where Int(server) < loads.count {
      loads[Int(server)].sessionPlace = -1
    }
    sessionServers.removeAll(keepingCapacity: true)
    for server in servers where server.keepsSessions && server.id.index < loads.count {
      loads[server.id.index].sessionPlace = Int32(truncatingIfNeeded: sessionServers.count)
      sessionServers.append(Int32(truncatingIfNeeded: server.id.index))
    }
  }

  /// - Returns: where each candidate stood before; -1 for a new one.
  private mutating func adoptCandidates(
    _ service: Service, _ loads: inout [ServerLoad]
  ) -> [Int32] {
    let selection = ServerSelection(servers, panicThreshold: service.panicThreshold)
    adoptReserve(selection)
    var fresh: [Candidate] = []
    var origins: [Int32] = []
    for server in servers
    where selection.exclusion(of: server) == nil && server.id.index < loads.count {
      let origin = place(of: server.id.index, loads)
      let hash = origin >= 0 ? candidates[origin].hash : Candidate.hash(of: server.name)
      var candidate = Candidate(server, hash: hash)
      if origin >= 0, candidates[origin].weight == candidate.weight {
        candidate.effective = candidates[origin].effective
      }
      origins.append(Int32(truncatingIfNeeded: origin))
      fresh.append(candidate)
    }
    for candidate in candidates where candidate.server < loads.count {
      loads[candidate.server].place = -1
    }
    candidates = fresh
    for (place, candidate) in candidates.enumerated() {
      loads[candidate.server].place = Int32(truncatingIfNeeded: place)
    }
    return origins
  }

  /// - Returns: whether it is another one.
  private mutating func adoptMethod(_ service: Service) -> Bool {
    var isOther = false
    let next: Method
    switch service.algorithm {
    case .roundRobin: next = method == .weightedRoundRobin ? .weightedRoundRobin : .roundRobin
    case .random: next = .random
    case .powerOfTwo: next = .powerOfTwo
    case .leastConnections: next = .leastConnections
    case .leastTime: next = .leastTime
    case .aggregateLoad: next = .aggregateLoad
    case .first: next = .first
    case .hash(let policy):
      next = .hash
      isOther = hashed.configure(policy)
    }
    isOther = isOther || next != method
    method = next
    return isOther
  }

  /// Whose turn it was has it still; if it is gone, the next that stayed.
  private func moved(_ turn: Int, _ before: [Candidate], _ loads: [ServerLoad]) -> Int {
    for step in before.indices {
      let place = place(of: before[(turn + step) % before.count].server, loads)
      if place >= 0 { return place }
    }
    return 0
  }

  // MARK: Tables

  private mutating func forgetTables() {
    schedule = StrideSchedule()
    sampling = AliasTable()
    tournament = TournamentTree()
    openPlaces = PlaceSet()
    hashed.forget()
  }

  /// Makes the algorithm's tables for other candidates.
  private mutating func rebuild(
    before: [Candidate], _ origins: [Int32], _ loads: [ServerLoad]
  ) {
    weightSum = candidates.reduce(0) { $0 + $1.effective }
    bench = Bench()
    switch method {
    case .roundRobin, .weightedRoundRobin: rebuildRoundRobin(origins)
    case .random, .powerOfTwo, .leastTime, .aggregateLoad:
      sampling = AliasTable(candidates.map(\.effective))
    case .leastConnections:
      bench = Bench(count: candidates.count)
      tournament.adopt(
        candidates.indices.map { tournamentCost($0, loads) },
        weights: candidates.map(\.effective), origins: origins)
    case .first:
      bench = Bench(count: candidates.count)
      openPlaces = PlaceSet(all: candidates.count)
    case .hash: hashed.adopt(candidates, before: before, origins: origins)
    }
  }

  /// Equal weights need no schedule. Once there is one it stays until they are equal again.
  private mutating func rebuildRoundRobin(_ origins: [Int32]) {
    let first = candidates.first?.effective
    if candidates.allSatisfy({ $0.effective == first }) {
      method = .roundRobin
      schedule = StrideSchedule()
    } else {
      method = .weightedRoundRobin
      schedule.adopt(candidates.map(\.effective), origins: origins)
    }
  }

  /// The same candidates have other effective weights.
  mutating func reweigh(_ loads: [ServerLoad]) {
    let same = candidates.indices.map { Int32(truncatingIfNeeded: $0) }
    rebuild(before: candidates, same, loads)
  }
}
