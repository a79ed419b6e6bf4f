/// What happens at a moment. A `Ticket` names something that may be gone by then.
enum SimulatedEvent {
  case arrival
  /// A deadline of a request, or several.
  case requestTimer(Ticket)
  /// A connection was made or refused.
  case connectEnded(Ticket)
  /// A request reached its server.
  case reached(Ticket)
  /// A server is done with its work on it.
  case served(Ticket, incarnation: UInt32)
  /// An answer reached Ballast.
  case answered(Ticket, status: Int16)
  /// The server closed the connection that a try is on.
  case closed(Ticket)
  case check(server: Int32)
  case checkEnded(server: Int32, number: UInt32, passed: Bool)
  case faultBegins(Int32)
  case faultEnds(Int32)
  /// A flapping server turns.
  case faultTurns(Int32)
  case scaling(Int32)
  case removal(server: Int32)
  /// Somebody may have waited for too long.
  case shedding(worker: Int32)
  case promotionEnded(epoch: UInt64)
  case standbyTick
  case second
}

/// A place of a table and which of its tenants is meant.
struct Ticket: Equatable {
  var place: Int32
  var generation: UInt32
}
