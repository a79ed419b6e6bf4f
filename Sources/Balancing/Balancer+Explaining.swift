public import Primitives
import Topology

extension Balancer {
  /// How a choice would stand now. Changes nothing; costs a look at every server.
  public func explain(_ request: Request, loads: [ServerLoad], now: Instant) -> Explanation {
    let question = Question(tried: request.tried, key: request.key, now: now)
    let ranks = method == .hash ? hashRanks(request.key, loads) : []
    var listed: [Explanation.Candidate] = []
    for (place, candidate) in candidates.enumerated() {
      listed.append(
        Explanation.Candidate(
          server: candidate.server,
          weight: Double(candidate.effective) / Double(Candidate.scale),
          score: method == .hash ? ranks[place] : score(place, loads, now),
          standing: standing(place, question, loads)))
    }
    var others: [Explanation.Outsider] = []
    var set = "no server"
    if let service {
      let selection = ServerSelection(servers, panicThreshold: service.panicThreshold)
      for server in servers {
        if let reason = selection.exclusion(of: server) {
          others.append(Explanation.Outsider(server: server.id.index, reason: reason))
        }
      }
      set = selection.sentence(candidates.count, isZoned: others.contains { $0.reason == .zone })
    }
    let isHeld = request.session.map {
      holdsSession($0, loads: loads, now: now) && !request.tried.contains($0)
    }
    return Explanation(
      algorithm: method.name(hashed.method), set: set, candidates: listed, others: others,
      isHeldBySession: isHeld ?? false)
  }

  /// After its slow start's part; 0 for a server that gets no requests.
  public func effectiveWeight(of server: Int, loads: [ServerLoad]) -> Double {
    let place = place(of: server, loads)
    return place < 0 ? 0 : Double(candidates[place].effective) / Double(Candidate.scale)
  }

  private func standing(
    _ place: Int, _ question: Question, _ loads: [ServerLoad]
  ) -> Explanation.Standing {
    switch leniency(place, question, loads) {
    case nil: .full
    case .tried?: .tried
    case .avoided?: .avoided
    case .tooLoaded?: .tooLoaded
    case Leniency.none?: .open
    }
  }

  private func score(_ place: Int, _ loads: [ServerLoad], _ now: Instant) -> Double? {
    switch method {
    case .roundRobin: Double((place - turn + 2 * candidates.count) % candidates.count)
    case .weightedRoundRobin: schedule.wait(place) * Double(Candidate.scale)
    case .random, .hash: nil
    case .powerOfTwo: requestScore(place, loads)
    case .leastConnections: connectionScore(place, loads)
    // Nanoseconds for weight 1 make milliseconds.
    case .leastTime: timeScore(place, loads, now) * Double(Candidate.scale) / 1e6
    case .aggregateLoad: aggregateScore(place, loads, now)
    case .first: Double(place)
    }
  }

  /// The key's own server has 0, the one that it jumps to next 1, and so on.
  private func hashRanks(_ key: UInt64, _ loads: [ServerLoad]) -> [Double?] {
    var ranks = [Double?](repeating: nil, count: candidates.count)
    var key = key.mixed
    var rank = 0.0
    for _ in 0..<Self.jumps {
      let place = place(of: hashed.server(key), loads)
      if place >= 0, ranks[place] == nil {
        ranks[place] = rank
        rank += 1
      }
      key = HashedChoice.next(key)
    }
    return ranks
  }
}

extension Balancer.Method {
  fileprivate func name(_ table: HashPolicy.Method) -> String {
    switch self {
    case .roundRobin, .weightedRoundRobin: "round-robin"
    case .random: "random"
    case .powerOfTwo: "power-of-two"
    case .leastConnections: "least-connections"
    case .leastTime: "least-time"
    case .aggregateLoad: "aggregate-load"
    case .first: "first"
    case .hash: "hash (\(table))"
    }
  }
}

extension ServerSelection {
  fileprivate func sentence(_ count: Int, isZoned: Bool) -> String {
    switch rule {
    case .none: return "no server that was checked and takes work"
    case .panic: return "panic: too few are healthy, so all \(count) checked of tier \(firstTier)"
    case .lastResort: return "none is healthy, so all \(count) checked of tier \(firstTier)"
    case .healthy(let last, _):
      let tiers = last == firstTier ? "tier \(last)" : "tiers \(firstTier) to \(last)"
      return "\(count) healthy of \(tiers)\(isZoned ? " in this zone" : "")"
    }
  }
}
