import Balancing
import EventLoop
import Primitives
import TLS
import Topology

/// Connections to servers that wait for another request.
extension Worker {
  mutating func takeIdle(_ server: Int) -> Int? {
    guard let upstream = servers[server].firstIdle else { return nil }
    unlinkIdle(upstream)
    return upstream
  }

  /// Whether one connection more would break the limit while one of the server's still rests: the
  /// next turn has it.
  mutating func isWorthATurn(_ server: Int, limit: Int) -> Bool {
    limit > 0 && loads[server].openConnections >= limit
      && resting.contains { upstreams[$0].server == server }
  }

  private mutating func unlinkIdle(_ upstream: Int) {
    let (next, previous) = (upstreams[upstream].next, upstreams[upstream].previous)
    if let next { upstreams[next].previous = previous }
    if let previous {
      upstreams[previous].next = next
    } else {
      servers[upstreams[upstream].server].firstIdle = next
    }
    upstreams[upstream].next = nil
    upstreams[upstream].previous = nil
    upstreamDeadlines.clear(upstream)
  }

  /// Ends a connection's work for a client: back to the pool, or closed.
  mutating func release(_ client: Int, keep: Bool, withReset: Bool = false) {
    guard let upstream = clients[client].request.upstream else { return }
    clients[client].request.upstream = nil
    upstreams[upstream].client = nil
    leave(upstream, clients[client].request.service?.id)
    // A connection that began with a client's address serves no other client.
    let isOneClients = clients[client].request.service?.proxyHeader != nil
    if keep, !isOneClients, mayRest(upstream) {
      rest(upstream)
    } else {
      closeUpstream(upstream, withReset: withReset)
    }
  }

  /// Whether another request may come over a connection that ended its work.
  mutating func mayRest(_ upstream: Int) -> Bool {
    upstreams[upstream].stream == nil && isCurrent(upstream) && drainDeadline == nil
      && upstreams[upstream].staysClean
      && !upstreams[upstream].hasOutput && !upstreams[upstream].peerClosed
      // Something may still be unread, and no event would tell of it.
      && !upstreams[upstream].isReadable
  }

  mutating func rest(_ upstream: Int) {
    if upstreams[upstream].tls != nil { keepResumption(upstream) }
    upstreams[upstream].isReused = true
    upstreams[upstream].isResting = true
    resting.append(upstream)
    // From here on, since a quiet loop may let it rest for long.
    upstreamDeadlines.set(upstream, now + upstreams[upstream].idleTime)
  }

  /// Puts connections that nothing was heard of since their work's end into the pool.
  mutating func poolRested() {
    for upstream in resting {
      upstreams[upstream].isResting = false
      guard isCurrent(upstream) else {
        closeUpstream(upstream)
        continue
      }
      let server = upstreams[upstream].server
      upstreams[upstream].next = servers[server].firstIdle
      if let first = servers[server].firstIdle { upstreams[first].previous = upstream }
      servers[server].firstIdle = upstream
    }
    resting.removeAll(keepingCapacity: true)
  }

  /// Whether the server still has the address that the connection goes to.
  private mutating func isCurrent(_ upstream: Int) -> Bool {
    let server = upstreams[upstream].server
    return servers[server].address != nil
      && servers[server].addressVersion == upstreams[upstream].addressVersion
  }

  /// Closes a connection that belongs to no client.
  mutating func closeUpstream(_ upstream: Int, withReset: Bool = false) {
    if let stream = upstreams[upstream].stream {
      closeStream(upstream, stream)
      return
    }
    loads[upstreams[upstream].server].openConnections -= 1
    upstreamDeadlines.clear(upstream)
    upstreams[upstream].spliced.release(&pipes)
    if !withReset, let session = upstreams[upstream].tls {
      // A service whose connections all serve one request has shorter handshakes as well.
      keepResumption(upstream)
      session.shutdown()
    }
    if withReset {
      StreamSocket.closeWithReset(upstreams[upstream].descriptor)
    } else {
      StreamSocket.close(upstreams[upstream].descriptor)
    }
    upstreams.remove(upstream)
  }

  mutating func closeIdle(_ upstream: Int) {
    if upstreams[upstream].isResting {
      resting.removeAll { $0 == upstream }
    } else {
      unlinkIdle(upstream)
    }
    closeUpstream(upstream)
  }

  /// Gives a descriptor back when there are no more.
  /// - Returns: whether there was one.
  mutating func closeAnyIdle() -> Bool {
    guard let idle = servers.lazy.compactMap(\.firstIdle).first else {
      return closeAnyRestingSession()
    }
    closeIdle(idle)
    return true
  }
}
