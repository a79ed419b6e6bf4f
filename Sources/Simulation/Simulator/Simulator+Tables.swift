import Primitives

/// Requests and tries in tables, so that an event can name one that may be gone.
extension Simulator {
  func newRequest() -> Int {
    if let place = freeRequests.popLast() {
      let generation = requests[Int(place)].generation
      requests[Int(place)] = SimulatedRequest()
      requests[Int(place)].generation = generation
      requests[Int(place)].isUsed = true
      return Int(place)
    }
    requests.append(SimulatedRequest())
    requests[requests.count - 1].isUsed = true
    return requests.count - 1
  }

  func free(request: Int) {
    requests[request].isUsed = false
    requests[request].generation &+= 1
    freeRequests.append(Int32(truncatingIfNeeded: request))
  }

  func ticket(request: Int) -> Ticket {
    Ticket(
      place: Int32(truncatingIfNeeded: request), generation: requests[request].generation)
  }

  func request(_ ticket: Ticket) -> Int? {
    let place = Int(ticket.place)
    return requests[place].isUsed && requests[place].generation == ticket.generation ? place : nil
  }

  func newTry(worker: Int, server: Int) -> Int {
    var place: Int
    if let free = freeTries.popLast() {
      place = Int(free)
      let generation = tries[place].generation
      tries[place] = SimulatedTry()
      tries[place].generation = generation
    } else {
      place = tries.count
      tries.append(SimulatedTry())
    }
    tries[place].isUsed = true
    tries[place].worker = worker
    tries[place].server = server
    tries[place].began = now
    return place
  }

  func free(attempt: Int) {
    tries[attempt].isUsed = false
    tries[attempt].generation &+= 1
    freeTries.append(Int32(truncatingIfNeeded: attempt))
  }

  func ticket(attempt: Int) -> Ticket {
    Ticket(place: Int32(truncatingIfNeeded: attempt), generation: tries[attempt].generation)
  }

  func attempt(_ ticket: Ticket) -> Int? {
    let place = Int(ticket.place)
    return tries[place].isUsed && tries[place].generation == ticket.generation ? place : nil
  }
}
