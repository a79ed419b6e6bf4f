import HTTP2
import Primitives
import Testing

struct FloodTests {
  private func end(_ bytes: [UInt8], times: Int, before: [UInt8] = []) -> HTTP2End? {
    let talk = Talk.server()
    talk.receive(before)
    for _ in 0..<times where talk.session.end == nil {
      talk.receive(bytes)
      _ = talk.send()
    }
    if talk.session.end != nil { #expect(talk.session.isOver) }
    return talk.session.end
  }

  @Test func `a reset of each stream ends the session`() {
    let talk = Talk.server()
    var stream: UInt32 = 1
    while talk.session.end == nil, stream < 2_000 {
      talk.receive(Frames.headers(stream, Frames.get()) + Frames.reset(stream, 8))
      stream += 2
    }
    #expect(talk.session.end == .rapidReset)
    #expect(stream > 300 && stream < 600)
    #expect(talk.sentFrames().last?.type == 7)
    #expect(talk.session.isOver)
  }

  @Test func `streams that we are made to reset count as well`() {
    let talk = Talk.server()
    var stream: UInt32 = 1
    while talk.session.end == nil, stream < 2_000 {
      talk.receive(Frames.headers(stream, Frames.get()) + Frames.windowUpdate(stream, 0))
      _ = talk.send()
      stream += 2
    }
    #expect(talk.session.end != nil)
    #expect(stream < 600)
  }

  @Test func `resets that come slowly are honest`() {
    let talk = Talk.server()
    for index in 0..<1_000 {
      let stream = UInt32(2 * index + 1)
      talk.now = talk.now + .milliseconds(100)
      talk.receive(Frames.headers(stream, Frames.get()) + Frames.reset(stream, 8))
      _ = talk.send()
    }
    #expect(talk.session.end == nil)
  }

  @Test func `each kind of flood has its own name`() {
    #expect(end(Frames.settings, times: 2_000) == .settingsFlood)
    #expect(end(Frames.ping, times: 2_000) == .pingFlood)
    #expect(end(Frames.frame(2, 0, 1, [0, 0, 0, 0, 1]), times: 5_000) == .priorityFlood)
    #expect(end(Frames.frame(0xEE, 0, 0, [1]), times: 2_000) == .unknownFrameFlood)
    #expect(end(Frames.windowUpdate(0, 1), times: 5_000) == .windowUpdateFlood)
    let open = Frames.headers(1, Frames.get(), ends: false)
    #expect(end(Frames.data(1, []), times: 2_000, before: open) == .emptyDataFlood)
    let padding = Frames.frame(0, 8, 1, [3, 0, 0, 0])
    #expect(end(padding, times: 2_000, before: open) == .emptyDataFlood)
  }

  @Test func `a row of CONTINUATION frames ends the session`() {
    let first = Frames.frame(1, 1, 1, Frames.block(Frames.get()))
    #expect(
      end(Frames.frame(9, 0, 1, [0, 1, 97, 1, 98]), times: 100, before: first) == .continuationFlood
    )
  }

  @Test func `a header list beyond its size, and one of too many fields, end the session`() {
    let talk = Talk.server()
    let long = String(repeating: "v", count: 8_000)
    // In the table once, then named again and again by a byte each.
    talk.receive(Frames.headers(1, Frames.get()))
    let bomb =
      Frames.block(Frames.get()) + [0x40, 1, 97] + [127, 161, 23] + Array(long.utf8.prefix(3_104))
      + [UInt8](repeating: 0xBE, count: 4_000)
    talk.receive(Frames.frame(1, 5, 3, bomb))
    #expect(talk.session.end == .headerListTooLarge)
    let crumbs = (0..<600).map { _ in ("cookie", "a=b") }
    let many = Talk.server()
    many.receive(Frames.headers(1, Frames.get("/", crumbs)))
    #expect(many.session.end == .tooManyFields)
  }

  @Test func `what earns window updates is what was sent`() {
    var ledger = FrameLedger(limits: .init())
    let now = Instant(nanoseconds: 5)
    for _ in 0..<100_000 {
      ledger.sent(2_048)
      #expect(ledger.count(.windowUpdate, now: now) == nil)
    }
    var refused = 0
    for _ in 0..<5_000 where ledger.count(.windowUpdate, now: now) != nil { refused += 1 }
    #expect(refused > 3_000)
  }
}
