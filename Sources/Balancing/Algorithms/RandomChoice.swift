import Primitives

/// In proportion to the weights, by `AliasTable`. Who is passed over is drawn again, so the others'
/// shares keep their proportions.
extension Balancer {
  func pickRandom(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    for _ in 0..<Self.attempts {
      let place = sampling.draw(&random)
      if admits(place, question, loads) { return place }
    }
    return -1
  }
}
