import EventLoop
import Primitives
import Testing

@Suite struct SplicedBytesTests {
  @Test func `bytes go from one socket to another, and no more than was asked for`() throws {
    let (near, far) = (try TestConnection(), try TestConnection())
    var pipes = PipePool(limit: 1)
    var spliced = SplicedBytes()
    #expect(send("hello world", near.client) == 11)
    try awaitReadiness(near.server, .readable)
    #expect(spliced.take(from: near.server, atMost: 5, &pipes) == 5)
    #expect(spliced.held == 5 && pipes.count == 1)
    #expect(spliced.give(to: far.client, &pipes) == 5)
    #expect(spliced.held == 0)
    try awaitReadiness(far.server, .readable)
    #expect(receive(far.server).text == "hello")
    #expect(receive(near.server).text == " world")
  }

  @Test func `a source without bytes, its end and its reset are told apart`() throws {
    let (quiet, ended, broken) = (
      try TestConnection(), try TestConnection(), try TestConnection()
    )
    var pipes = PipePool(limit: 1)
    var spliced = SplicedBytes()
    #expect(spliced.take(from: quiet.server, atMost: 9, &pipes) == StreamSocket.wouldBlock)
    ended.closeServer()
    try awaitReadiness(ended.client, .readable)
    #expect(spliced.take(from: ended.client, atMost: 9, &pipes) == 0)
    broken.resetClient()
    try awaitReadiness(broken.server, .readable)
    let result = try #require(spliced.take(from: broken.server, atMost: 9, &pipes))
    #expect(result < 0 && result != StreamSocket.wouldBlock)
    // Each gave its pipe back.
    #expect(spliced.held == 0 && pipes.count == 1)
  }

  @Test func `a sink that takes nothing leaves the rest in the pipe`() throws {
    let (near, far) = (try TestConnection(), try TestConnection())
    var pipes = PipePool(limit: 1)
    var spliced = SplicedBytes()
    let piece = String(repeating: "x", count: 65_536)
    var (sent, taken, given) = (0, 0, 0)
    // Until nothing moves any more: every buffer on the way is full.
    while true {
      let count = send(piece, near.client)
      if count > 0 { sent += count }
      if spliced.held == 0 {
        taken += max(0, spliced.take(from: near.server, atMost: 65_536, &pipes) ?? 0)
      }
      let moved = spliced.give(to: far.client, &pipes)
      #expect(moved >= 0)
      given += moved
      if moved == 0, spliced.held > 0 { break }
    }
    #expect(taken == given + spliced.held && sent >= taken)
    // Nobody else gets the pipe, or what is in it.
    var other = SplicedBytes()
    #expect(other.take(from: near.server, atMost: 9, &pipes) == nil)
    var received = 0
    while received < taken {
      let count = receive(far.server).result
      if count > 0 { received += count } else { try awaitReadiness(far.server, .readable) }
      _ = spliced.give(to: far.client, &pipes)
    }
    #expect(received == taken && spliced.held == 0)
  }

  @Test func `a sink that is gone is told, and a pipe with bytes is not used again`() throws {
    let (near, far) = (try TestConnection(), try TestConnection())
    var pipes = PipePool(limit: 1)
    var spliced = SplicedBytes()
    #expect(send("lost", near.client) == 4)
    try awaitReadiness(near.server, .readable)
    #expect(spliced.take(from: near.server, atMost: 9, &pipes) == 4)
    far.resetClient()
    try awaitReadiness(far.server, .readable)
    #expect(receive(far.server).result < 0)
    #expect(spliced.give(to: far.server, &pipes) < 0)
    #expect(spliced.held == 4)
    spliced.release(&pipes)
    #expect(spliced.held == 0 && pipes.count == 0)
    #expect(send("next", near.client) == 4)
    try awaitReadiness(near.server, .readable)
    let other = try TestConnection()
    #expect(spliced.take(from: near.server, atMost: 9, &pipes) == 4)
    #expect(spliced.give(to: other.client, &pipes) == 4)
    try awaitReadiness(other.server, .readable)
    #expect(receive(other.server).text == "next")
  }

  @Test func `without a pipe nothing is taken`() throws {
    let near = try TestConnection()
    var pipes = PipePool(limit: 0)
    var spliced = SplicedBytes()
    #expect(send("copy", near.client) == 4)
    try awaitReadiness(near.server, .readable)
    #expect(spliced.take(from: near.server, atMost: 9, &pipes) == nil)
    #expect(receive(near.server).text == "copy")
  }
}
