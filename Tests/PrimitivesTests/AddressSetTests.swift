import Primitives
import Testing

@Suite struct AddressSetTests {
  private func set(_ blocks: String...) throws -> AddressSet {
    AddressSet(try blocks.map { try AddressBlock($0) })
  }

  private func contains(_ set: AddressSet, _ text: String) throws -> Bool {
    switch try #require(SocketAddress(host: text, port: 0)) {
    case .ipv4(let address, _): set.contains(high: 0, low: 0xFFFF_0000_0000 | UInt64(address))
    case .ipv6(let high, let low, _): set.contains(high: high, low: low)
    case .unix: false
    }
  }

  @Test func `the first and the last address of a block are in it, their neighbours are not`()
    throws
  {
    let set = try set("10.1.0.0/16", "10.3.7.7", "2001:db8::/32")
    for inside in ["10.1.0.0", "10.1.255.255", "10.3.7.7", "2001:db8::", "2001:db8:ffff::1"] {
      #expect(try contains(set, inside), "\(inside)")
    }
    for outside in ["10.0.255.255", "10.2.0.0", "10.3.7.6", "10.3.7.8", "2001:db7::", "::1"] {
      #expect(try !contains(set, outside), "\(outside)")
    }
  }

  @Test func `a block inside another changes nothing`() throws {
    #expect(try set("10.1.2.0/24", "10.0.0.0/8", "10.1.2.3") == set("10.0.0.0/8"))
  }

  @Test func `everything and nothing`() throws {
    #expect(try contains(set("::/0"), "1.2.3.4"))
    #expect(try contains(set("0.0.0.0/0"), "1.2.3.4"))
    #expect(try !contains(set("0.0.0.0/0"), "2001:db8::1"))
    #expect(AddressSet.empty.isEmpty)
    #expect(try !contains(.empty, "1.2.3.4"))
  }

  @Test func `the set says what its blocks say, one by one`() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<200 {
      let blocks = try (0..<20).map { _ in
        try AddressBlock(
          "10.\(random.next() % 4).\(random.next() % 4).\(random.next() % 8 * 32)/\(27 + random.next() % 6)"
        )
      }
      let set = AddressSet(blocks)
      for _ in 0..<100 {
        let low =
          0xFFFF_0A00_0000 | random.next() % 4 << 16 | random.next() % 4 << 8 | random.next() % 256
        #expect(
          set.contains(high: 0, low: low) == blocks.contains { $0.contains(high: 0, low: low) })
      }
    }
  }
}
