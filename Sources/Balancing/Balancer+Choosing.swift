public import Primitives

extension Balancer {
  /// Chooses for one try.
  /// - Parameter loads: indexed by `ServerID.index`.
  public mutating func choose(
    _ request: Request, loads: [ServerLoad], now: Instant, random: inout SeededRandom
  ) -> Choice {
    if now >= upkeepDue { upkeep(loads, now) }
    if let session = request.session,
      holdsSession(session, loads: loads, now: now), !request.tried.contains(session)
    {
      return admission.hasRoom(session, loads) ? .server(session) : .full
    }
    if candidates.isEmpty { return .none }
    let question = Question(tried: request.tried, key: request.key, now: now)
    var place = pick(question, loads, &random)
    if place < 0 {
      if let server = pickReserve(question, loads, now) { return .server(server) }
      place = concede(question, loads, &random)
    }
    return place < 0 ? .full : .server(candidates[place].server)
  }

  /// Whether a session that began at the server may go on there: it is healthy and not ejected, but
  /// may be draining or of weight 0.
  public func holdsSession(_ server: Int, loads: [ServerLoad], now: Instant) -> Bool {
    guard server >= 0, server < loads.count else { return false }
    let place = Int(loads[server].sessionPlace)
    return place >= 0 && place < sessionServers.count && Int(sessionServers[place]) == server
      && loads[server].breaker.admits(now)
  }

  /// - Returns: the place of an open candidate that was not tried; -1 when none was found.
  @inline(__always) private mutating func pick(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    switch method {
    case .roundRobin: pickRoundRobin(question, loads)
    case .weightedRoundRobin: pickWeightedRoundRobin(question, loads)
    case .random: pickRandom(question, loads, &random)
    case .powerOfTwo: pickPowerOfTwo(question, loads, &random)
    case .leastConnections: pickLeastConnections(question, loads)
    case .leastTime: pickLeastTime(question, loads, &random)
    case .aggregateLoad: pickAggregateLoad(question, loads, &random)
    case .first: pickFirst(question, loads)
    case .hash: pickHashed(question, loads)
    }
  }

  // MARK: What picks ask

  /// Whether a server has a place here, for new requests or for sessions.
  func knows(_ server: Int, _ loads: [ServerLoad]) -> Bool {
    guard server >= 0, server < loads.count else { return false }
    if place(of: server, loads) >= 0 { return true }
    let place = Int(loads[server].sessionPlace)
    return place >= 0 && place < sessionServers.count && Int(sessionServers[place]) == server
  }

  /// A candidate's place; -1 for a server that is none.
  @inline(__always) func place(of server: Int, _ loads: [ServerLoad]) -> Int {
    guard server >= 0, server < loads.count else { return -1 }
    let place = Int(loads[server].place)
    return place >= 0 && place < candidates.count && candidates[place].server == server ? place : -1
  }

  /// Neither at its limit nor ejected.
  @inline(__always) func isOpen(_ place: Int, _ now: Instant, _ loads: [ServerLoad]) -> Bool {
    let server = candidates[place].server
    return admission.hasRoom(server, loads) && loads[server].breaker.admits(now)
  }

  @inline(__always) func admits(
    _ place: Int, _ question: Question, _ loads: [ServerLoad]
  ) -> Bool {
    isOpen(place, question.now, loads) && !question.wasTried(candidates[place].server)
  }

  // MARK: When a pick found nobody

  /// Looks at every candidate, and takes the best of those that need the least forgiving.
  private mutating func concede(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    var best = -1
    var bestLeniency = Leniency.tried
    var bestScore = 0.0
    var drawn = 0
    let start = startOfScan(question, &random)
    for step in candidates.indices {
      let place = start + step < candidates.count ? start + step : start + step - candidates.count
      guard let leniency = leniency(place, question, loads) else { continue }
      if best >= 0, leniency > bestLeniency { continue }
      let isFirst = best < 0 || leniency < bestLeniency
      if method == .random {
        // One out of a stream, in proportion to the weights (Chao, 1982).
        drawn = isFirst ? 0 : drawn
        drawn += candidates[place].effective
        guard random.below(drawn) < candidates[place].effective else { continue }
      } else {
        let score = scanScore(place, loads, question.now)
        guard isFirst || score < bestScore else { continue }
        bestScore = score
      }
      (best, bestLeniency) = (place, leniency)
    }
    if best >= 0 {
      if method == .roundRobin { turn = best + 1 }
      if method == .leastConnections { tournament.hadTurn(best) }
      if method == .weightedRoundRobin { schedule.advance(best) }
    }
    return best
  }

  /// Nil at its limit.
  func leniency(
    _ place: Int, _ question: Question, _ loads: [ServerLoad]
  ) -> Leniency? {
    let server = candidates[place].server
    guard admission.hasRoom(server, loads) else { return nil }
    if question.wasTried(server) { return .tried }
    if !loads[server].breaker.admits(question.now) { return .avoided }
    return method == .hash && !isWithinBound(place, loads) ? .tooLoaded : Leniency.none
  }

  /// Where equals are found first.
  private func startOfScan(
    _ question: Question, _ random: inout SeededRandom
  ) -> Int {
    switch method {
    case .first, .weightedRoundRobin, .random: 0
    case .roundRobin: turn < candidates.count ? turn : 0
    case .hash: HashedChoice.next(question.key.mixed).reduced(to: candidates.count)
    case .powerOfTwo, .leastConnections, .leastTime, .aggregateLoad:
      random.below(candidates.count)
    }
  }

  /// The algorithm's order among candidates, lower is better; 0 where the first found is.
  private func scanScore(_ place: Int, _ loads: [ServerLoad], _ now: Instant) -> Double {
    switch method {
    case .roundRobin, .random, .first, .hash: 0
    case .weightedRoundRobin: schedule.wait(place)
    case .powerOfTwo: requestScore(place, loads)
    case .leastConnections: connectionScore(place, loads)
    case .leastTime: timeScore(place, loads, now)
    case .aggregateLoad: aggregateScore(place, loads, now)
    }
  }

  /// What a tournament is decided by.
  func connectionScore(_ place: Int, _ loads: [ServerLoad]) -> Double {
    loads[candidates[place].server].inflight > 0 ? requestScore(place, loads) : 0
  }

  /// Requests with one more, for the weight.
  func requestScore(_ place: Int, _ loads: [ServerLoad]) -> Double {
    let inflight = loads[candidates[place].server].inflight
    return Double(inflight &+ 1) * Double(Candidate.scale) / Double(candidates[place].effective)
  }
}
