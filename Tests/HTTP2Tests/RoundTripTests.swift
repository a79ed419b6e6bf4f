import HTTP2
import Primitives
import Testing

/// A client's and a server's session that talk to each other, in pieces of any size.
struct RoundTripTests {
  @Test(arguments: 0..<40)
  func `every byte of every body arrives once, whatever the pieces`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed) &+ 99)
    let (client, server) = (Talk(.client), Talk(.server))
    var asked: [Int32: [UInt8]] = [:]
    var uploads: [Int32: [UInt8]] = [:]
    var downloads: [Int32: [UInt8]] = [:]
    var ended: Set<Int32> = []
    server.react = { session, told in
      switch told.event {
      case .head(let stream, _, _):
        session.setContext(stream, Int(stream))
        uploads[stream] = []
      case .data(let stream, let context, _):
        #expect(context == Int(stream))
        uploads[stream]? += told.data
        session.consume(stream, told.data.count)
      case .ended(let stream, _):
        #expect(session.answer(stream, "HTTP/1.1 200 OK\r\n\r\n", hasBody: true) != nil)
        session.send(stream, Array((uploads[stream] ?? []).reversed()))
        session.end(stream, trailers: "x-end: \(stream)\r\n")
      default: break
      }
    }
    var trailers = 0
    client.react = { session, told in
      switch told.event {
      case .head(let stream, let context, _):
        #expect(context == 1_000 + Int(stream) && session.headStatus == 200)
        downloads[stream] = []
      case .data(let stream, _, _):
        downloads[stream]? += told.data
        session.consume(stream, told.data.count)
      case .trailers(let stream, _):
        #expect(told.text == "x-end: \(stream)\r\n")
        trailers += 1
      case .closed(let stream, _, let code):
        #expect(code == 0)
        ended.insert(stream)
      default: break
      }
    }
    for index in 0..<(1 + random.below(20)) {
      let head = Array("POST /\(index) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let next = Int32(2 * index + 1)
      let made = client.session.request(
        head.span, isSecure: false, hasBody: true, context: 1_000 + Int(next))
      let stream = try #require(made)
      #expect(stream == next)
      let body = (0..<random.below(200_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      asked[stream] = body
      client.session.send(stream, body)
      client.session.end(stream)
    }
    var turns = 0
    while ended.count < asked.count, turns < 10_000 {
      turns += 1
      deliver(client.send(), to: server, &random)
      deliver(server.send(), to: client, &random)
    }
    #expect(ended.count == asked.count && trailers == asked.count)
    for (stream, body) in asked {
      #expect(uploads[stream] == body)
      #expect(downloads[stream] == Array(body.reversed()))
    }
    #expect(client.session.end == nil && server.session.end == nil)
    #expect(client.session.openStreams == 0 && server.session.openStreams == 0)
    #expect(client.session.heldBytes == 0 && server.session.heldBytes == 0)
  }

  private func deliver(_ bytes: [UInt8], to talk: Talk, _ random: inout SeededRandom) {
    var offset = 0
    while offset < bytes.count {
      let end = min(bytes.count, offset + 1 + random.below(40_000))
      talk.receive(Array(bytes[offset..<end]))
      offset = end
    }
  }

  @Test(arguments: 0..<300)
  func `broken frames end in an error, never in a crash`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed) &* 7_919)
    let talk = Talk.server()
    var bytes: [UInt8] = []
    for _ in 0..<30 {
      let payload = (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      bytes +=
        random.below(3) == 0
        ? Frames.headers(UInt32(2 * random.below(20) + 1), Frames.get(), ends: random.below(2) == 0)
        : Frames.frame(
          UInt8(random.below(12)), UInt8(truncatingIfNeeded: random.next()),
          UInt32(random.below(20)), payload)
    }
    for _ in 0..<random.below(10) {
      bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    }
    talk.react = { session, told in
      guard case .head(let stream, _, _) = told.event else { return }
      _ = session.answer(stream, "HTTP/1.1 200 OK\r\n\r\n", hasBody: true)
      session.send(stream, Array(told.text.utf8))
    }
    deliver(bytes, to: talk, &random)
    _ = talk.send()
    #expect(talk.session.openStreams <= 128)
  }
}
