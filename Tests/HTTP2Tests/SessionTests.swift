import HTTP2
import Primitives
import Testing

struct SessionTests {
  private let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"

  @Test func `a request is told of and its answer goes out`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get("/x")))
    #expect(talk.events == [.head(stream: 1, context: nil, endsStream: true)])
    #expect(talk.told[0].text == "GET /x HTTP/1.1\r\nhost: shop.example\r\n\r\n")
    #expect(talk.session.openStreams == 1)
    talk.session.setContext(1, 7)
    #expect(talk.session.answer(1, ok, hasBody: true) == ok.utf8.count)
    talk.session.send(1, Array("hello".utf8))
    talk.session.end(1)
    let frames = talk.sentFrames()
    #expect(frames.map(\.type) == [1, 0])
    #expect(frames[1].payload == Array("hello".utf8) && frames[1].flags == 1)
    #expect(talk.events.last == .closed(stream: 1, context: 7, code: 0))
    #expect(talk.session.openStreams == 0 && talk.session.heldBytes == 0)
  }

  @Test(arguments: ["X", "X-Name", "Content-Language", "x_Y!9"])
  func `names go out in lower case, values as they are`(name: String) throws {
    let (client, server) = (Talk(.client), Talk(.server))
    let head = Array("GET / HTTP/1.1\r\nHost: A\r\n\(name): ABC\r\n\r\n".utf8)
    let stream = client.session.request(head.span, isSecure: false, hasBody: false, context: 1)
    server.receive(client.send())
    let field = "\(name.lowercased()): ABC"
    #expect(server.told.last?.text == "GET / HTTP/1.1\r\nhost: A\r\n\(field)\r\n\r\n")
    let answer = "HTTP/1.1 200 OK\r\n\(name): ABC\r\n\r\n"
    _ = server.session.answer(try #require(stream), answer, hasBody: true)
    server.session.end(1, trailers: "\(name): ABC\r\n")
    client.receive(server.send())
    let texts = client.told.map(\.text).filter { !$0.isEmpty }
    #expect(texts == ["HTTP/1.1 200 \r\n\(field)\r\n\r\n", "\(field)\r\n"])
  }

  @Test func `an answer without a body ends with its head, an interim one ends nothing`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get()))
    let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    #expect(talk.session.answer(1, early, hasBody: true) == early.utf8.count)
    #expect(talk.session.answer(1, ok, hasBody: false) == ok.utf8.count)
    let frames = talk.sentFrames()
    #expect(frames.map(\.type) == [1, 1])
    #expect(frames.map(\.flags) == [4, 5])
  }

  @Test func `a body is told of in parts and its window given back as it is taken`() {
    let talk = Talk.server()
    let fields = [(":method", "POST")] + Frames.get().dropFirst()
    talk.receive(Frames.headers(1, fields, ends: false))
    talk.session.setContext(1, 3)
    talk.receive(Frames.data(1, [1, 2, 3]) + Frames.data(1, [4], ends: true))
    #expect(
      Array(talk.events.dropFirst()) == [
        .data(stream: 1, context: 3, 9..<12), .data(stream: 1, context: 3, 9..<10),
        .ended(stream: 1, context: 3),
      ])
    #expect(talk.told[1].data == [1, 2, 3])
  }

  @Test func `what the window doesn't let go is held, and told when it is out`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get()))
    talk.session.setContext(1, 0)
    _ = talk.session.answer(1, ok, hasBody: true)
    let body = [UInt8](repeating: 9, count: 70_000)
    talk.session.send(1, body)
    let first = talk.sentFrames().filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
    #expect(first == 65_535 && talk.session.held(1) == 4_465)
    #expect(talk.session.window(1) == 0)
    talk.receive(Frames.windowUpdate(0, 10_000) + Frames.windowUpdate(1, 10_000))
    let rest = talk.sentFrames().filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count }
    #expect(rest == 4_465 && talk.session.held(1) == 0)
    #expect(talk.events.last == .drained(stream: 1, context: 0))
  }

  @Test func `trailers go both ways`() {
    let talk = Talk.server()
    let fields = [(":method", "POST")] + Frames.get().dropFirst()
    talk.receive(Frames.headers(1, fields, ends: false) + Frames.data(1, [1]))
    talk.receive(Frames.headers(1, [("checksum", "abc"), ("authorization", "x")]))
    #expect(
      talk.told.first { if case .trailers = $0.event { true } else { false } }?.text
        == "checksum: abc\r\n")
    _ = talk.session.answer(1, ok, hasBody: true)
    talk.session.send(1, [1])
    talk.session.end(1, trailers: "Grpc-Status: 0\r\n")
    let frames = talk.sentFrames().filter { $0.type < 2 }
    #expect(frames.map(\.type) == [1, 0, 1])
    #expect(frames.map(\.flags) == [4, 0, 5])
  }

  @Test func `a malformed request is reset, and what follows on its stream told to nobody`() {
    let talk = Talk.server()
    talk.receive(
      Frames.headers(1, Frames.get("/", [("connection", "close")]), ends: false)
        + Frames.data(1, [1, 2]))
    #expect(talk.events == [])
    let frames = talk.sentFrames()
    #expect(frames.first { $0.type == 3 }?.code == 1)
    #expect(talk.session.end == nil)
  }

  @Test func `a peer's reset ends the stream`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get()))
    talk.session.setContext(1, 4)
    talk.receive(Frames.reset(1, 8))
    #expect(talk.events.last == .closed(stream: 1, context: 4, code: 8))
    #expect(talk.session.answer(1, ok, hasBody: true) == nil || talk.sentFrames().isEmpty)
  }

  @Test func `a shutdown lets what runs end`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get()))
    talk.session.beginShutdown()
    #expect(talk.sentFrames().first?.payload.prefix(4) == [0x7F, 0xFF, 0xFF, 0xFF])
    talk.receive(Frames.headers(3, Frames.get()))
    talk.session.finishShutdown()
    #expect(talk.sentFrames().first?.payload.prefix(4) == [0, 0, 0, 3])
    #expect(!talk.session.isOver)
    for stream in [Int32(1), 3] { _ = talk.session.answer(stream, ok, hasBody: false) }
    _ = talk.send()
    #expect(talk.session.isOver)
  }

  @Test func `a stream that was passed over is not opened any more`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(3, Frames.get()))
    #expect(talk.session.end == nil)
    talk.receive(Frames.headers(1, Frames.get()))
    #expect(talk.session.end == .protocolError)
    let largest = Talk.server()
    largest.receive(Frames.headers(0x7FFF_FFFF, Frames.get()))
    #expect(largest.session.end == nil)
  }

  @Test func `nothing follows the end of a stream`() {
    let talk = Talk.server()
    talk.receive(Frames.headers(1, Frames.get()) + Frames.data(1, [1]))
    #expect(talk.session.end == .streamClosedError)
    let priority = Talk.server()
    priority.receive(Frames.frame(2, 0, 5, [0, 0, 0, 5, 1]))
    #expect(priority.session.end == .protocolError)
  }

  @Test func `a head that is larger than is kept is told of`() {
    let talk = Talk.server()
    let many = (0..<200).map { ("x-\($0)", "y") }
    talk.receive(Frames.headers(1, Frames.get("/", many)))
    #expect(talk.events == [.headTooLarge(stream: 1, endsStream: true)])
    #expect(talk.session.end == nil)
  }
}
