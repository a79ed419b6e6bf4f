import EventLoop
import Primitives
import Testing

@Suite struct MailboxTests {
  @Test func `messages of several threads all arrive, each thread's in order`() throws {
    let mailbox = try Mailbox<(thread: Int, number: Int)>()
    for thread in 0..<4 {
      try LoopThread.start("sender-\(thread)") {
        for number in 0..<1_000 { mailbox.send((thread, number)) }
      }
    }
    let poller = try Poller()
    #expect(poller.watchReadable(mailbox.wakeUp.descriptor, token: 5) == 0)
    var received = [[Int]](repeating: [], count: 4)
    while received.reduce(0, { $0 + $1.count }) < 4_000 {
      let count = poller.wait(milliseconds: 10_000)
      try #require(count == 1, "messages without a wake-up")
      #expect(poller.event(0).token == 5)
      for message in mailbox.takeAll() { received[message.thread].append(message.number) }
    }
    #expect(received.allSatisfy { $0 == Array(0..<1_000) })
  }

  @Test func `an empty mailbox is empty, and silent after it was emptied`() throws {
    let mailbox = try Mailbox<Int>()
    #expect(mailbox.takeAll().isEmpty)
    mailbox.send(1)
    mailbox.send(2)
    let poller = try Poller()
    #expect(poller.watchReadable(mailbox.wakeUp.descriptor, token: 1) == 0)
    #expect(poller.wait(milliseconds: 10_000) == 1)
    #expect(mailbox.takeAll() == [1, 2])
    #expect(poller.wait(milliseconds: 0) == 0)
    mailbox.send(3)
    #expect(poller.wait(milliseconds: 10_000) == 1)
  }
}

@Suite struct PollerTests {
  @Test func `a connection tells of changes only`() throws {
    let pair = try TestConnection()
    let poller = try Poller()
    #expect(poller.watchConnection(pair.server, token: .max) == 0)
    #expect(poller.wait(milliseconds: 10_000) == 1)
    #expect(poller.event(0).token == .max && poller.event(0).readiness == .writable)
    #expect(poller.wait(milliseconds: 0) == 0)
    #expect(send("x", pair.client) == 1)
    #expect(poller.wait(milliseconds: 10_000) == 1)
    #expect(poller.event(0).readiness.contains(.readable))
    // Edge-triggered: unread bytes are not told of again.
    #expect(poller.wait(milliseconds: 0) == 0)
    StreamSocket.shutdownWrite(pair.client)
    #expect(poller.wait(milliseconds: 10_000) == 1)
    #expect(poller.event(0).readiness.contains(.peerClosed))
    poller.forget(pair.server)
    #expect(send("y", pair.client) < 0)
    #expect(poller.wait(milliseconds: 0) == 0)
  }
}
