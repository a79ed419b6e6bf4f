import EventLoop
import Primitives
import Testing

/// Each runs a loop on the test's own thread until it stops itself.
@Suite struct ReactorTests {
  /// A loop that gives up after ten seconds.
  private func makeReactor() throws -> Reactor {
    let reactor = try Reactor()
    reactor.schedule(after: .seconds(10)) {
      Issue.record("nothing happened")
      reactor.stop()
    }
    return reactor
  }

  // MARK: Timers

  @Test func `timers run by their deadlines, then in the order they were set`() throws {
    let reactor = try makeReactor()
    let now = Clock.now
    var order: [Int] = []
    reactor.schedule(at: now + .milliseconds(20)) {
      order.append(4)
      reactor.stop()
    }
    reactor.schedule(at: now + .milliseconds(10)) { order.append(2) }
    reactor.schedule(at: now + .milliseconds(10)) { order.append(3) }
    reactor.schedule(at: .zero) { order.append(1) }
    reactor.run()
    #expect(order == [1, 2, 3, 4])
    #expect(Clock.now >= now + .milliseconds(20))
  }

  @Test func `a timer runs once, and may set another`() throws {
    let reactor = try makeReactor()
    var count = 0
    func again() {
      count += 1
      if count == 5 { reactor.stop() } else { reactor.schedule(after: .zero, again) }
    }
    reactor.schedule(after: .zero, again)
    reactor.run()
    #expect(count == 5)
  }

  @Test func `a cancelled timer never runs, also when both were due`() throws {
    let reactor = try makeReactor()
    var ran: [Int] = []
    let early = reactor.schedule(at: .zero) { ran.append(1) }
    reactor.cancel(early)
    reactor.cancel(early)
    var late: UInt64 = 0
    reactor.schedule(at: .zero) {
      ran.append(2)
      reactor.cancel(late)
    }
    late = reactor.schedule(at: .zero) { ran.append(3) }
    reactor.schedule(after: .milliseconds(5)) { reactor.stop() }
    reactor.run()
    #expect(ran == [2])
  }

  // MARK: Descriptors

  @Test func `a listener and its connection are served`() throws {
    let reactor = try makeReactor()
    let listener = try TestListener()
    let client = StreamSocket.connect(to: listener.address)
    defer { StreamSocket.close(client) }
    var accepted: Int32 = -1
    var heard = ""
    try reactor.watch(listener.descriptor, .readable) { _ in
      var peer = SocketAddress.loopback(port: 0)
      accepted = StreamSocket.accept(listener.descriptor, peer: &peer)
      _ = send("hello", client)
      try? reactor.watch(accepted, [.readable, .peerClosed]) { readiness in
        heard += receive(accepted).text
        if readiness.contains(.peerClosed) { reactor.stop() }
        if heard == "hello" { StreamSocket.shutdownWrite(client) }
      }
    }
    reactor.run()
    #expect(heard == "hello" && accepted >= 0)
    reactor.forget(accepted)
    StreamSocket.close(accepted)
  }

  @Test func `a forgotten descriptor is silent, also in the same round`() throws {
    let reactor = try makeReactor()
    let (one, other) = (try TestConnection(), try TestConnection())
    #expect(send("a", one.client) == 1 && send("b", other.client) == 1)
    try awaitReadiness(one.server, .readable)
    try awaitReadiness(other.server, .readable)
    var calls: [Int32] = []
    for (mine, theirs) in [(one.server, other.server), (other.server, one.server)] {
      try reactor.watch(mine, .readable) { _ in
        calls.append(mine)
        reactor.forget(theirs)
        _ = receive(mine)
        reactor.schedule(after: .milliseconds(5)) { reactor.stop() }
      }
    }
    reactor.run()
    #expect(calls.count == 1)
    reactor.forget(one.server)
    reactor.forget(99_999)
  }

  @Test func `a new watch takes the place of the old one`() throws {
    let reactor = try makeReactor()
    let pair = try TestConnection()
    var calls: [String] = []
    try reactor.watch(pair.server, .readable) { _ in calls.append("readable") }
    try reactor.watch(pair.server, .writable) { _ in
      calls.append("writable")
      reactor.stop()
    }
    #expect(send("x", pair.client) == 1)
    reactor.run()
    #expect(calls == ["writable"])
  }

  @Test func `a descriptor that can't be watched is an error that names it`() throws {
    let reactor = try Reactor()
    #expect(throws: SystemError.self) { try reactor.watch(-1, .readable) { _ in } }
    #expect(throws: SystemError.self) { try reactor.watch(99_999, .readable) { _ in } }
  }
}
