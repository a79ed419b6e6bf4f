import Primitives
import Testing

@Suite struct AddressBlockTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1:80", "11.0.0.1:80"), ("0.0.0.0/0", "8.8.8.8:1", "[2001:db8::1]:1"),
    ("192.168.1.7", "192.168.1.7:1", "192.168.1.8:1"),
    ("192.168.1.128/25", "192.168.1.129:1", "192.168.1.127:1"),
    ("2001:db8::/32", "[2001:db8:ffff::1]:1", "[2001:db9::1]:1"),
    ("2001:db8::/96", "[2001:db8::ffff:1]:1", "[2001:db8::1:0:0]:1"),
    ("::1", "[::1]:1", "[::2]:1"), ("::/0", "[::2]:1", "unix:/run/x"),
  ])
  func `a block has the addresses of its prefix and no others`(
    text: String, inside: String, outside: String
  ) throws {
    let block = try AddressBlock(text)
    #expect(block.description == text)
    #expect(block.contains(try #require(SocketAddress(inside))))
    #expect(!block.contains(try #require(SocketAddress(outside))))
  }

  @Test func `an IPv4 client of an IPv6 listener is in its IPv4 block`() throws {
    let mapped = SocketAddress.ipv6(high: 0, low: 0xFFFF_0A00_0001, port: 9)
    #expect(try AddressBlock("10.0.0.0/8").contains(mapped))
  }

  @Test(arguments: [
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "::1/129",
    "[::1]/128", "10.0.0.0/+8", "10.0.0.0/ 8", "host/8",
  ])
  func `what is no block is refused`(text: String) {
    #expect(throws: AddressBlock.Problem.notAnAddress) { try AddressBlock(text) }
  }

  @Test func `bits behind the prefix are refused, with the block that was meant`() throws {
    let meant = try AddressBlock("10.0.0.0/8")
    #expect(throws: AddressBlock.Problem.strayBits(meant)) { try AddressBlock("10.0.0.1/8") }
  }
}
