import CLinux
import EventLoop
import Primitives
import Testing

/// A client and a server with a relay between them, all on this thread.
private final class Relayed {
  let near: TestConnection
  let far: TestConnection
  var relay: Relay
  var pipes: PipePool
  let poller: Poller
  var scratch = ByteBuffer(zeroed: Relay.scratchBytes)

  init(_ near: TestConnection, _ far: TestConnection, _ poller: consuming Poller, pipes: Int) {
    (self.near, self.far) = (near, far)
    relay = Relay(
      first: RelayEnd(descriptor: near.server), second: RelayEnd(descriptor: far.client))
    self.pipes = PipePool(limit: pipes)
    self.poller = poller
  }

  static func make(pipes: Int = 4) throws -> Relayed {
    let relayed = Relayed(try TestConnection(), try TestConnection(), try Poller(), pipes: pipes)
    try #require(relayed.poller.watchConnection(relayed.near.server, token: 0) == 0)
    try #require(relayed.poller.watchConnection(relayed.far.client, token: 1) == 0)
    return relayed
  }

  var client: Int32 { near.client }
  var server: Int32 { far.server }

  /// Runs while something moves; `until` is asked after each turn.
  func run(until isDone: () -> Bool = { false }) -> Relay.Outcome {
    while true {
      let outcome = unsafe relay.run(&pipes, scratch: scratch.mutableBytes)
      if isDone() { return outcome }
      switch outcome {
      case .unfinished: continue
      case .waiting: break
      case .finished, .broken: return outcome
      }
      let count = poller.wait(milliseconds: 50)
      if count == 0 { return outcome }
      for index in 0..<count {
        let (token, readiness) = poller.event(index)
        relay.note(token == 0 ? .first : .second, readiness)
      }
    }
  }

  /// Runs until `descriptor` has something to read.
  func receiveText(_ descriptor: Int32) -> String {
    var text = ""
    _ = run {
      text = EventLoopTests.receive(descriptor).text
      return !text.isEmpty
    }
    return text
  }
}

@Suite struct RelayTests {
  @Test func `bytes go both ways, and the end of one way leaves the other open`() throws {
    let relayed = try Relayed.make()
    #expect(send("question", relayed.client) == 8)
    #expect(relayed.receiveText(relayed.server) == "question")
    StreamSocket.shutdownWrite(relayed.client)
    #expect(relayed.run() == .waiting)
    #expect(receive(relayed.server).result == 0)
    #expect(send("answer", relayed.server) == 6)
    #expect(relayed.receiveText(relayed.client) == "answer")
    StreamSocket.shutdownWrite(relayed.server)
    #expect(relayed.run() == .finished)
    #expect(receive(relayed.client).result == 0)
    #expect(relayed.relay.received(from: .first) == 8)
    #expect(relayed.relay.received(from: .second) == 6)
  }

  @Test func `what is held goes first, and only what a side sent is counted`() throws {
    let relayed = try Relayed.make()
    for (text, areReceived) in [("ours ", false), ("theirs ", true)] {
      let bytes = Array(text.utf8)
      unsafe bytes.withUnsafeBytes {
        unsafe relayed.relay.hold($0, for: .second, areReceived: areReceived)
      }
    }
    #expect(send("new", relayed.client) == 3)
    var text = ""
    while text.utf8.count < 15 {
      let more = relayed.receiveText(relayed.server)
      try #require(!more.isEmpty)
      text += more
    }
    #expect(text == "ours theirs new")
    #expect(relayed.relay.received(from: .first) == 10)
  }

  @Test(arguments: [0, 4]) func `much goes through whole, with pipes and without`(
    pipes: Int
  ) throws {
    let relayed = try Relayed.make(pipes: pipes)
    let total = 24 << 20
    let pattern = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var (sent, received) = (0, 0)
    var isSame = true
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var idleTurns = 0
    while received < total, idleTurns < 20 {
      let before = sent + received
      // More than fits into all sockets between, so that the relay is held up on both sides.
      while sent < total {
        let start = sent % pattern.count
        let end = min(pattern.count, start + total - sent)
        let count = unsafe pattern[start..<end].withUnsafeBytes {
          unsafe StreamSocket.send(relayed.client, $0)
        }
        if count <= 0 { break }
        sent += count
      }
      #expect(relayed.run { true } != .finished)
      while true {
        let count = unsafe buffer.withUnsafeMutableBytes {
          unsafe StreamSocket.receive(relayed.server, into: $0)
        }
        if count <= 0 { break }
        for index in 0..<count where buffer[index] != pattern[(received + index) % pattern.count] {
          isSame = false
        }
        received += count
      }
      for index in 0..<relayed.poller.wait(milliseconds: before == sent + received ? 50 : 0) {
        let (token, readiness) = relayed.poller.event(index)
        relayed.relay.note(token == 0 ? .first : .second, readiness)
      }
      idleTurns = before == sent + received ? idleTurns + 1 : 0
    }
    #expect(received == total && isSame)
    #expect(relayed.pipes.count == (pipes == 0 ? 0 : 1))
    relayed.relay.release(&relayed.pipes)
  }

  @Test func `a client's reset is told at once`() throws {
    let relayed = try Relayed.make()
    relayed.near.resetClient()
    let outcome = relayed.run()
    #expect(outcome == .broken(.first, -ECONNRESET))
  }

  @Test func `a server's last words are passed on before its reset is told`() throws {
    let relayed = try Relayed.make()
    // Unread bytes make its close a reset.
    #expect(send("unread", relayed.client) == 6)
    #expect(relayed.run() == .waiting)
    #expect(send("last words", relayed.server) == 10)
    relayed.far.closeServer()
    let outcome = relayed.run()
    #expect(outcome == .broken(.second, -ECONNRESET))
    #expect(receive(relayed.client).text == "last words")
  }

  @Test func `a pipe with bytes in it is nobody else's`() throws {
    let relayed = try Relayed.make()
    let block = [UInt8](repeating: 7, count: 1 << 20)
    // Nobody reads, until all on the way is full, and the pipe with it.
    var isFull = false
    for _ in 0..<400 where !isFull {
      isFull = unsafe block.withUnsafeBytes { unsafe StreamSocket.send(relayed.client, $0) } < 0
      #expect(relayed.run() == .waiting)
    }
    #expect(isFull)
    #expect(relayed.pipes.count == 1)
    relayed.relay.release(&relayed.pipes)
    #expect(relayed.pipes.count == 0)
  }
}
