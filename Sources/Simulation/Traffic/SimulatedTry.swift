import Primitives

/// One sending of a request, or a check. It lives until its server is done with it, also when
/// nobody waits for it any more: servers work on for clients that left.
struct SimulatedTry {
  var generation: UInt32 = 0
  var isUsed = false
  /// Nil when nobody waits for its answer.
  var request: Ticket?
  var isHedge = false
  /// Of a check, its number.
  var check: UInt32?
  var worker = 0
  var server = 0
  var isReused = false
  var isConnected = false
  /// Its server's load knows what came of it.
  var isJudged = false
  /// Nothing will ever happen to it.
  var isLost = false
  var began = Instant.zero
  var sent = Instant.zero
  var seed: UInt64 = 0
  /// Its place in the server's `serving`, while it is in there.
  var servingPlace = -1
}
