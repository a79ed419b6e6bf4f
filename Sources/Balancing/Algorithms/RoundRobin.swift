import Primitives

/// One after the other: place `k mod n` for the k-th request. Nagle, "On packet switches with
/// infinite storage", RFC 970, 1985, is the fairness argument; equal weights only.
extension Balancer {
  mutating func pickRoundRobin(_ question: Question, _ loads: [ServerLoad]) -> Int {
    for _ in 0..<Self.attempts {
      let place = turn < candidates.count ? turn : 0
      turn = place + 1
      if admits(place, question, loads) { return place }
    }
    return -1
  }
}
