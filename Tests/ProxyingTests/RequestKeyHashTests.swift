import Primitives
import Testing
import Topology
import Wire

@testable import Proxying

private let client = ClientAddress(.ipv4(address: 0x0A00_0001, port: 4711))

private func hash(
  _ keys: [RequestKey], _ target: String = "/", _ fields: String = "", host: String = "a",
  from client: ClientAddress = client, at milliseconds: Int64 = 0
) -> UInt64 {
  let bytes = Array("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n".utf8)
  var head = RequestHead()
  guard (try? head.read(bytes.span)) == true else { return 0 }
  return RequestKeyHash.hash(
    keys, head, bytes.span, client: client, now: WallTime(milliseconds: milliseconds))
}

private func name(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct RequestKeyHashTests {
  /// Values that must never change: nodes of different versions share a fleet, and a change moves
  /// every client. Checked against OpenSSL's SipHash, of the same bytes.
  @Test func `the hash of a request is the same in every process and version`() {
    #expect(hash([.clientIP]) == 0xDC74_42F0_77EE_8E81)
    #expect(hash([.header(name("x-user")), .path], "/p", "X-User: u\r\n") == 0xBCA5_8118_8706_22AE)
  }

  @Test func `a client is told by its address, and by its port only if asked for`() {
    let samePlace = ClientAddress(.ipv4(address: 0x0A00_0001, port: 9))
    let mapped = ClientAddress(.ipv6(high: 0, low: 0xFFFF_0A00_0001, port: 4711))
    let other = ClientAddress(.ipv4(address: 0x0A00_0002, port: 4711))
    #expect(hash([.clientIP]) == hash([.clientIP], from: samePlace))
    #expect(hash([.clientIP]) == hash([.clientIP], from: mapped))
    #expect(hash([.clientIP]) != hash([.clientIP], from: other))
    #expect(hash([.clientPort]) != hash([.clientPort], from: samePlace))
    #expect(hash([.clientPort]) == hash([.clientPort], from: other))
  }

  @Test func `a header counts with all its lines, its name in any case`() {
    let key = [RequestKey.header(name("x-forwarded-for"))]
    let joined = hash(key, "/", "X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\n")
    #expect(
      joined == hash(key, "/", "x-forwarded-FOR: 1.1.1.1\r\nX: y\r\nX-Forwarded-For:2.2.2.2\r\n"))
    #expect(joined != hash(key, "/", "X-Forwarded-For: 2.2.2.2, 1.1.1.1\r\n"))
    #expect(hash(key, "/", "X-Forwarded-For: A\r\n") != hash(key, "/", "X-Forwarded-For: a\r\n"))
  }

  @Test func `a cookie is found in any of the Cookie fields, its name as it is written`() {
    let key = [RequestKey.cookie(name("sid"))]
    let seven = hash(key, "/", "Cookie: sid=7\r\n")
    #expect(seven == hash(key, "/", "Cookie: a=1; xsid=8;\tsid=7 ; sid=9\r\n"))
    #expect(seven == hash(key, "/", "Cookie: SID=8\r\nA: b\r\ncookie: sid=7\r\n"))
    #expect(seven != hash(key, "/", "Cookie: sid=8\r\n"))
  }

  @Test func `a query parameter is the first of its name, undecoded`() {
    let key = [RequestKey.query(name("id"))]
    let seven = hash(key, "/?id=7")
    #expect(seven == hash(key, "/other?a=id&xid=3&id=7&id=8"))
    #expect(seven != hash(key, "/?id=%37"))
    #expect(hash(key, "/?id") == hash(key, "/?a&id="))
    #expect(hash(key, "/?id") != hash(key, "/"))
  }

  @Test func `a path is without its query, a URI with it, a host without case and port`() {
    #expect(hash([.path], "/p?a") == hash([.path], "/p?b"))
    #expect(hash([.uri], "/p?a") != hash([.uri], "/p?b"))
    #expect(hash([.path], "http://b") == hash([.path], "/"))
    #expect(hash([.uri], "http://b?q") == hash([.uri], "/?q"))
    #expect(
      hash([.host], host: "Shop.Example.com:80") == hash([.host], host: "shop.example.COM."))
    #expect(hash([.host], host: "shop.example.com") != hash([.host], host: "shop.example.org"))
  }

  @Test func `requests within one span of the clock are together`() {
    let key = [RequestKey.time(.seconds(60))]
    #expect(hash(key, at: 0) == hash(key, at: 59_999))
    #expect(hash(key, at: 59_999) != hash(key, at: 60_000))
    #expect(hash(key, at: -1) != hash(key, at: 0))
    #expect(hash([.time(.zero)], at: 5) == hash([.time(.milliseconds(1))], at: 5))
    #expect(hash([.time(.zero)], at: .min) != hash([.time(.zero)], at: .max))
  }

  @Test func `where one part ends and the next begins makes a difference`() {
    let keys: [RequestKey] = [.query(name("a")), .query(name("b"))]
    #expect(hash(keys, "/?a=x&b=yz") != hash(keys, "/?a=xy&b=z"))
    #expect(hash(keys, "/?a=x") != hash(keys, "/?b=x"))
    #expect(hash(keys, "/?a=x") != hash(keys, "/?a=x&b="))
    #expect(hash(keys, "/?a=x&b=y") != hash(keys.reversed(), "/?a=x&b=y"))
  }

  @Test func `the client's address stands in when a request lacks every part`() {
    let other = ClientAddress(.ipv4(address: 0x0A00_0002, port: 4711))
    let sets: [[RequestKey]] = [
      [], [.cookie(name("sid"))], [.header(name("x-user")), .query(name("id"))],
      [.cookie(name("sid")), .time(.seconds(60))],
    ]
    for keys in sets { #expect(hash(keys) != hash(keys, from: other)) }
    let known: [RequestKey] = [.cookie(name("sid")), .path]
    #expect(hash(known) == hash(known, from: other))
    let time: [RequestKey] = [.time(.seconds(60))]
    #expect(hash(time) == hash(time, from: other))
  }

  @Test func `clients over a unix socket are one`() {
    let unix = ClientAddress(.unix(path: "/a"))
    #expect(hash([.clientIP], from: unix) == hash([.clientIP], from: unix))
    #expect(hash([.clientIP], from: unix) != hash([.clientIP]))
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `keys spread evenly`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var counts = [Int](repeating: 0, count: 16)
    let start = random.next() >> 32
    for number in 0..<16_000 {
      let value = hash([.query(name("id"))], "/?id=\(start &+ UInt64(number))")
      counts[Int(value >> 60)] += 1
    }
    // 1,000 expected, with a standard deviation of 31.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 160 })
  }
}

@Suite struct RequestKeySipHashTests {
  private let key = HashKey(high: 0x0F0E_0D0C_0B0A_0908, low: 0x0706_0504_0302_0100)

  /// From another implementation: the bytes 0, 1, 2 … hashed by OpenSSL with `c-rounds` 1 and
  /// `d-rounds` 3; its result is the bytes of the number from the lowest on.
  @Test(
    arguments: [
      (0, 0xDCC4_0F05_5801_ACAB), (1, 0x93CA_577D_F39B_F4C9), (7, 0x4011_B19B_987D_92D3),
      (8, 0x8E9A_298D_1195_9036), (9, 0xE43D_066C_B38E_A425), (15, 0x5699_512A_6DD8_20D3),
      (16, 0x668B_907D_1ADD_4FCC), (63, 0xA8B3_BBB7_6290_199D),
    ] as [(Int, UInt64)])
  func `a known message has its known hash`(count: Int, expected: UInt64) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    var hash = SipHash(key)
    hash.append(bytes.span, bytes.indices)
    #expect(hash.finish().byteSwapped == expected)
  }

  @Test(arguments: 0..<32 as Range<UInt64>)
  func `pieces of any size come to the same as the whole`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<random.below(80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    var whole = SipHash(key)
    whole.append(bytes.span, bytes.indices)
    var pieces = SipHash(key)
    var offset = 0
    while offset < bytes.count {
      let end = min(bytes.count, offset + random.below(12))
      if end == offset + 1 {
        pieces.append(UInt64(bytes[offset]), count: 1)
      } else {
        pieces.append(bytes.span, offset..<end)
      }
      offset = end
    }
    #expect(pieces.finish() == whole.finish())
  }
}
