import EventLoop
import Primitives
import Proxying
import Wire

/// Long bodies, and tunnels with much to carry, go from socket to socket without being copied.
///
/// Only where what is sent is what came: chunked framing has to be looked at. The last bytes of a
/// stated length are copied all the same, so that what comes behind a body is still noticed.
extension Worker {
  /// How many bytes of the answer may be spliced next; nil when the next read is to be copied.
  mutating func spliceableAnswer(_ client: Int, _ upstream: Int) -> Int? {
    guard upstreams[upstream].sawHead, clients[client].request.compression.encoder == nil,
      clients[client].stream == nil, clients[client].tls == nil, upstreams[upstream].stream == nil
    else { return nil }
    switch upstreams[upstream].body {
    case .length(let remaining):
      guard remaining >= DataPlaneLimits.splicedFrom, clients[client].request.framing == .asStated
      else { return nil }
      return Int(clamping: remaining - DataPlaneLimits.splicedTail)
    case .untilClose:
      let isBulk = upstreams[upstream].isBulk && clients[client].request.framing != .chunked
      return isBulk ? PipePool.bytes : nil
    case .chunked: return nil
    }
  }

  /// Moves one piece of the answer.
  /// - Returns: whether to go on; nil when it has to be copied.
  mutating func spliceAnswer(_ client: Int, _ upstream: Int, _ most: Int) -> Bool? {
    guard upstreams[upstream].tls == nil,
      let taken = clients[client].spliced.take(
        from: upstreams[upstream].descriptor, atMost: most, &pipes)
    else { return nil }
    if taken <= 0 {
      if taken == StreamSocket.wouldBlock || taken == StreamSocket.interrupted {
        upstreams[upstream].isReadable = taken == StreamSocket.interrupted
      } else {
        serverEnded(client, upstream, isReset: taken < 0, error: taken)
      }
      return false
    }
    upstreams[upstream].body.skip(taken)
    if taken <= DataPlaneLimits.fewBytes { upstreams[upstream].isBulk = false }
    clients[client].request.answerBytes &+= Int64(taken)
    bulkBytes &-= taken
    if giveSpliced(client) { armAnswering(client) }
    return true
  }

  /// How many bytes of the request's body may be spliced next.
  mutating func spliceableBody(_ client: Int) -> Int? {
    // The first part is kept for another try, and so has to be seen.
    guard clients[client].request.bodyBytes > DataPlaneLimits.replayBytes,
      !clients[client].request.bodyIsChunked, clients[client].isReadable,
      clients[client].tls == nil,
      clients[client].input.isEmpty, case .length(let remaining) = clients[client].request.body,
      remaining >= DataPlaneLimits.splicedFrom
    else { return nil }
    return Int(clamping: remaining - DataPlaneLimits.splicedTail)
  }

  /// Moves one piece of the request's body, or of the client's side of a tunnel.
  /// - Returns: whether there may be more to do; nil when it has to be copied.
  mutating func spliceBody(_ client: Int, _ upstream: Int, _ most: Int) -> Bool? {
    guard upstreams[upstream].tls == nil, upstreams[upstream].stream == nil,
      let taken = upstreams[upstream].spliced.take(
        from: clients[client].descriptor, atMost: most, &pipes)
    else { return nil }
    guard taken > 0 else {
      _ = tookNothing(client, taken)
      return false
    }
    clients[client].request.body.skip(taken)
    if taken <= DataPlaneLimits.fewBytes { clients[client].isBulk = false }
    clients[client].request.bodyBytes &+= Int64(taken)
    bulkBytes &-= taken
    _ = flushUpstream(upstream)
    armExchange(client, upstream, after: taken)
    return isStill(client, upstream)
  }

  /// Sends the client what is in the pipe for it.
  /// - Returns: whether nothing is left in it.
  private mutating func giveSpliced(_ client: Int) -> Bool {
    // An error is left to the reading direction, as with what is copied.
    _ = clients[client].spliced.give(to: clients[client].descriptor, &pipes)
    if clients[client].spliced.held == 0 { return true }
    clients[client].isWritable = false
    watchWriting(client)
    return false
  }
}
