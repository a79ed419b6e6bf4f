import Primitives
import Topology

/// Servers that are well, and wait in another tier or zone.
///
/// The checks take a moment to find a fault. Until then the candidates are those of before, and
/// where each of them has just failed or was tried already, a request is better off with a server
/// that it is not meant for than with one that has let it down.
extension Balancer {
  /// In the order of their tiers, and of the same zone first.
  mutating func adoptReserve(_ selection: ServerSelection) {
    reserve.removeAll(keepingCapacity: true)
    guard case .healthy = selection.rule else { return }
    let waiting = servers.filter { server in
      let exclusion = selection.exclusion(of: server)
      return exclusion == .zone || exclusion == .tier && server.health == .healthy
    }
    let ranked = waiting.sorted {
      ($0.priority, $0.isLocal ? 0 : 1) < ($1.priority, $1.isLocal ? 0 : 1)
    }
    reserve = ranked.map { Int32(truncatingIfNeeded: $0.id.index) }
  }

  /// - Returns: a `ServerID.index`; nil when a candidate with room has not failed this request.
  func pickReserve(_ question: Question, _ loads: [ServerLoad], _ now: Instant) -> Int? {
    if reserve.isEmpty { return nil }
    var isFull = false
    for candidate in candidates {
      if admission.hasRoom(candidate.server, loads) {
        if loads[candidate.server].breaker.admits(now), !question.wasTried(candidate.server) {
          return nil
        }
      } else {
        isFull = true
      }
    }
    // Who is full is well: to wait for it is what its limit asks for.
    if isFull, question.tried.count == 0 { return nil }
    for server in reserve {
      let server = Int(server)
      guard server < loads.count, !question.wasTried(server), admission.hasRoom(server, loads),
        loads[server].breaker.admits(question.now)
      else { continue }
      return server
    }
    return nil
  }
}
