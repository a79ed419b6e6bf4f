import Guarding
import Primitives
import Testing

@Suite struct BanListTests {
  private func ban(
    _ text: String, since: Int64 = 0, until: Int64? = nil
  ) throws -> BanList.Ban {
    BanList.Ban(
      block: try AddressBlock(text), since: WallTime(milliseconds: since),
      until: until.map(WallTime.init(milliseconds:)), reason: nil)
  }

  @Test func `a ban holds until its end, and one without an end stays`() throws {
    var list = BanList()
    #expect(list.add(try ban("10.0.0.1", until: 100)))
    #expect(list.add(try ban("10.0.0.2", until: 200)))
    #expect(list.add(try ban("10.0.0.3")))
    #expect(list.nextEnd == WallTime(milliseconds: 100))
    #expect(list.expire(WallTime(milliseconds: 99)).isEmpty)
    #expect(list.expire(WallTime(milliseconds: 150)).map { "\($0.block)" } == ["10.0.0.1"])
    #expect(list.nextEnd == WallTime(milliseconds: 200))
    #expect(list.expire(WallTime(milliseconds: .max)).count == 1)
    #expect(list.ofRunTime.map { "\($0.block)" } == ["10.0.0.3"])
    #expect(list.nextEnd == nil)
  }

  @Test func `a second ban of a block takes the place of the first`() throws {
    var list = BanList()
    #expect(list.add(try ban("10.0.0.0/8", until: 100)))
    #expect(list.add(try ban("10.0.0.0/8", since: 50, until: 500)))
    #expect(list.count == 1)
    #expect(list.nextEnd == WallTime(milliseconds: 500))
  }

  @Test func `the file's bans stay when those of run time are lifted`() throws {
    var list = BanList()
    list.configured = [try AddressBlock("10.0.0.0/8")]
    #expect(list.add(try ban("10.0.0.0/8")))
    #expect(list.count == 1)
    #expect(list.remove(try AddressBlock("10.0.0.0/8")) != nil)
    #expect(list.remove(try AddressBlock("10.0.0.0/8")) == nil)
    #expect(list.addresses.contains(high: 0, low: 0xFFFF_0A01_0203))
  }

  @Test func `a full list takes no more`() throws {
    var list = BanList()
    for number in 0..<BanList.most {
      #expect(list.add(try ban("10.0.\(number / 256).\(number % 256)")))
    }
    #expect(!list.add(try ban("192.0.2.1")))
    #expect(list.add(try ban("10.0.0.0", since: 1)))
  }
}
