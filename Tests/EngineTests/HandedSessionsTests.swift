import Balancing
import Primitives
import Topology
import Testing

@testable import Engine

@Suite struct HandedSessionsTests {
  private let handed = HandedSessions(services: [
    .init(
      name: "shop", servers: ["a", "ü-2"],
      entries: [
        .init(key: .max, server: 1, generation: 7, expiry: Instant(nanoseconds: 1 << 60)),
        .init(key: 0, server: 0, generation: .max, expiry: Instant(nanoseconds: 1)),
      ]),
    .init(name: "empty"),
  ])

  @Test func `what is handed over comes out as it went in`() throws {
    #expect(HandedSessions(bytes: handed.bytes) == handed)
    #expect(HandedSessions(bytes: HandedSessions().bytes) == HandedSessions())
  }

  @Test func `bytes that are cut, longer or wrong are refused whole`() {
    let bytes = handed.bytes
    for count in 0..<bytes.count {
      #expect(HandedSessions(bytes: Array(bytes.prefix(count))) == nil)
    }
    #expect(HandedSessions(bytes: bytes + [0]) == nil)
    for place in bytes.indices {
      var broken = bytes
      broken[place] = 0xFF
      // Most are refused; none traps, and none has a server that there isn't.
      for service in HandedSessions(bytes: broken)?.services ?? [] {
        #expect(service.entries.allSatisfy { $0.server < service.servers.count })
      }
    }
  }

  @Test func `names lead from one engine's numbers to the other's`() {
    let session = Session(server: 5, generation: 2, expiry: Instant(nanoseconds: 9))
    let gone = Session(server: 6, generation: 2, expiry: Instant(nanoseconds: 9))
    let entries = [
      SessionEntry(service: ServiceID(3), key: 1, session: session),
      SessionEntry(service: ServiceID(3), key: 2, session: gone),
      SessionEntry(service: ServiceID(4), key: 3, session: session),
    ]
    let handed = HandedSessions(
      entries, service: { $0.index == 3 ? "shop" : nil },
      server: { ["", "", "", "", "", "a", "b"][$0] })
    #expect(handed.services.map(\.name) == ["shop"])
    let taken = handed.entries(
      service: { $0 == "shop" ? ServiceID(0) : nil },
      server: { $0 == "shop" && $1 == "a" ? ServerID(8) : nil })
    #expect(
      taken == [
        SessionEntry(
          service: ServiceID(0), key: 1,
          session: Session(server: 8, generation: 2, expiry: Instant(nanoseconds: 9)))
      ])
  }
}
