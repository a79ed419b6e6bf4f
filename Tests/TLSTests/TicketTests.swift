import CSSL
import TLS
import Testing

/// Tickets as OpenSSL's own client keeps them.
@Suite struct TicketTests {
  @Test func `keys turn, and only the newest three are kept`() throws {
    let first = try #require(TLSTicketKey.fresh())
    let keys = try #require(TLSTicketKeys([first]))
    #expect(keys.all == [first])
    for _ in 0..<2 { #expect(keys.turn()) }
    #expect(keys.all.count == 3 && keys.all.last == first)
    #expect(keys.turn())
    #expect(keys.all.count == 3 && !keys.all.contains(first))
    #expect(Set(keys.all).count == 3)
  }

  @Test func `a key is made of its bytes alone, and shows none of them`() throws {
    let key = try #require(TLSTicketKey.fresh())
    #expect(TLSTicketKey(bytes: key.bytes) == key)
    #expect(TLSTicketKey(bytes: Array(key.bytes.dropLast())) == nil)
    var shown = ""
    dump(key, to: &shown)
    #expect("\(key)" == "TLSTicketKey" && !shown.contains("\(key.bytes[0]), "))
  }
}
