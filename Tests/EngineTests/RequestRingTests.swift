import Balancing
import Primitives
import Proxying
import Testing

@testable import Engine

struct RequestRingTests {
  private func record(_ number: Int) -> RequestRecord {
    var record = RequestRecord()
    record.identifier = .init(high: 7, low: UInt64(number))
    record.began = .zero + .seconds(Int64(number))
    record.duration = .seconds(1)
    return record
  }

  @Test func `an empty ring knows nothing`() {
    let ring = RequestRing()
    #expect(ring.find(.init(high: 7, low: 0)) == nil)
    #expect(ring.oldest == nil && ring.count == 0)
  }

  @Test func `the last ones are found, and those before them are forgotten`() {
    var ring = RequestRing()
    let last = RequestRing.limit + 10
    for number in 1...last { ring[ring.take()] = record(number) }
    #expect(ring.count == RequestRing.limit)
    for number in [11, 12, RequestRing.limit, last] {
      #expect(ring.find(.init(high: 7, low: UInt64(number)))?.began == record(number).began)
    }
    for number in [1, 10, last + 1] {
      #expect(ring.find(.init(high: 7, low: UInt64(number))) == nil)
    }
    #expect(ring.find(.init(high: 8, low: 11)) == nil)
    #expect(ring.oldest == .zero + .seconds(12))
  }

  @Test func `an id is read as it is written`() throws {
    let text = "00000000000000ff0123456789abcdef"
    let identifier = try #require(ForwardedRequest.Identifier(text))
    #expect(identifier.high == 255 && identifier.low == 0x0123_4567_89AB_CDEF)
    #expect(identifier.text == text)
    #expect(ForwardedRequest.Identifier(text.uppercased())?.text == text)
    for wrong in ["", "ff", text + "0", "+0000000000000ff0123456789abcdef", "é" + text.dropLast(2)]
    {
      #expect(ForwardedRequest.Identifier(wrong) == nil)
    }
  }

  @Test func `each try ends with the first word on it`() {
    var tries = RequestTries()
    tries.began(3, isHedge: false, isReused: true, after: .milliseconds(1))
    tries.ended(3, .connectFailure, after: .milliseconds(2))
    tries.ended(3, .timeout, after: .milliseconds(9))
    tries.began(4, isHedge: false, isReused: false, after: .milliseconds(2))
    tries.began(5, isHedge: true, isReused: false, after: .milliseconds(5))
    tries.answered(5, 200, after: .milliseconds(6))
    tries.ended(4, .overtaken, after: .milliseconds(6))
    tries.finish(.answered, after: .milliseconds(8))
    #expect(tries.all.map(\.server) == [3, 4, 5])
    #expect(tries.all.map(\.end) == [.connectFailure, .overtaken, .answered])
    #expect(tries.all.map(\.ended) == [2_000, 6_000, 8_000])
    #expect(tries.all.map(\.status) == [0, 0, 200])
    #expect(tries.all.map(\.isHedge) == [false, false, true])
    #expect(tries.all[0].isReused)
  }

  @Test func `the first three tries and the last are kept`() {
    var tries = RequestTries()
    for server in 0..<10 {
      tries.began(server, isHedge: false, isReused: false, after: .seconds(1))
      tries.ended(server, .reset, after: .seconds(2))
    }
    #expect(tries.count == 10)
    #expect(tries.all.map(\.server) == [0, 1, 2, 9])
    // A span that does not fit, and a try that nobody made.
    tries.began(1, isHedge: false, isReused: false, after: .hours(10))
    tries.answered(77, 200, after: .zero)
    #expect(tries.all[3].began == .max && tries.all[3].status == 0)
  }

  @Test func `long text is cut and says so`() {
    let bytes = Array(repeating: UInt8(ascii: "a"), count: 200)
    var text = RequestText()
    text.set(bytes.span, 0..<200)
    #expect(text.text == String(repeating: "a", count: 128) + "…")
    text.set(bytes.span, 0..<3)
    #expect(text.text == "aaa")
    text.set(bytes.span, 5..<5)
    #expect(text.text == "")
  }
}
