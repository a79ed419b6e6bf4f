import Balancing
import Primitives
import Proxying

/// One request of a client, from its arrival to its end.
struct SimulatedRequest {
  enum Phase { case choosing, queued, backoff, exchange }

  var generation: UInt32 = 0
  var isUsed = false
  var phase = Phase.choosing
  var exchange = Exchange()
  var choice = Balancer.Request()
  var worker = 0
  var client: UInt64 = 0
  var isIdempotent = true
  var seed: UInt64 = 0
  var began = Instant.zero
  var attempt: Ticket?
  var hedge: Ticket?
  var lastServer: Int?
  /// How often a server got all of it.
  var deliveries = 0
  var tries = 0

  var leaves = Instant.distantFuture
  var totalDeadline = Instant.distantFuture
  var phaseDeadline = Instant.distantFuture
  var phaseTimeout = Exchange.Timeout.answer
  var hedgeDue = Instant.distantFuture
  /// The event that is planned for it; others are stale.
  var timer = Instant.distantFuture

  var nextDeadline: Instant { min(min(leaves, totalDeadline), min(phaseDeadline, hedgeDue)) }
}
