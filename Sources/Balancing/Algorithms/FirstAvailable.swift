import Primitives

/// The first in the service's order that is below its limit: the fleet is filled from the front, and
/// the rest stays idle or can be switched off (HAProxy calls it `first`). Who is full or ejected
/// sits on the bench, so the first of the others is found in a `PlaceSet` without looking at them.
extension Balancer {
  mutating func pickFirst(_ question: Question, _ loads: [ServerLoad]) -> Int {
    var start = 0
    for _ in 0..<Self.attempts {
      let place = openPlaces.first(from: start)
      if place < 0 { return -1 }
      if !isOpen(place, question.now, loads) {
        sitOut(place, question.now)
      } else if !question.wasTried(candidates[place].server) {
        return place
      }
      start = place + 1
    }
    return -1
  }
}
