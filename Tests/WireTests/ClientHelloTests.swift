import Primitives
import Testing
import Wire

/// Makes first messages of TLS clients.
struct HelloMaker {
  var session: [UInt8] = []
  var suites: [UInt8] = [0x13, 0x01]
  var extensions: [(type: UInt16, body: [UInt8])] = []
  var hasExtensions = true

  init(name: String? = nil, protocols: [String] = []) {
    if let name { extensions.append((0, Self.list(Self.entry(name)))) }
    if !protocols.isEmpty {
      extensions.append((16, Self.list(protocols.flatMap { Self.short(Array($0.utf8)) })))
    }
  }

  static func number(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  static func short(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count, 1) + bytes }
  static func list(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count, 2) + bytes }
  static func entry(_ name: String) -> [UInt8] { [0] + list(Array(name.utf8)) }

  var message: [UInt8] {
    var body: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32)
    body += Self.short(session) + Self.list(suites) + [1, 0]
    if hasExtensions {
      body += Self.list(extensions.flatMap { Self.number(Int($0.type), 2) + Self.list($0.body) })
    }
    return [1] + Self.number(body.count, 3) + body
  }

  /// In records of at most `size` bytes.
  func records(of size: Int = 16_384) -> [UInt8] { Self.records(message, of: size) }

  static func records(_ message: [UInt8], of size: Int) -> [UInt8] {
    stride(from: 0, to: message.count, by: size).flatMap { start in
      let part = message[start..<min(start + size, message.count)]
      return [22, 3, 1] + number(part.count, 2) + part
    }
  }
}

@Suite struct ClientHelloTests {
  private func read(_ bytes: [UInt8]) throws(ClientHello.Problem) -> (ClientHello, missing: Int?) {
    var hello = ClientHello()
    let missing = try hello.read(bytes.span)
    return (hello, missing)
  }

  private func name(_ bytes: [UInt8]) throws(ClientHello.Problem) -> String {
    let (hello, missing) = try read(bytes)
    #expect(missing == nil)
    return String(decoding: hello.serverName, as: UTF8.self)
  }

  @Test func `the message of a real client is read`() throws {
    // OpenSSL 3.0.
    let text =
      "1603010200010001fc0303379cb3ef34e0384ff0253908b8ff79b6ec3aeb431807b25622e26f094f1d618d20"
      + "0ae96b4a5467adf79b2c3bd39f5cce644abfe78bccbf13113a2d9d8b622f9f29000a130213031301c02f00ff"
      + "010001a900000015001300001053686f702e6578616d706c652e636f6d000b000403000102000a0016001400"
      + "1d0017001e0019001801000101010201030104002300000010000e000c02683208687474702f312e31001600"
      + "0000170000000d002a0028040305030603080708080809080a080b0804080508060401050106010303030103"
      + "02040205020602002b00050403040303002d00020101003300260024001d00209c4ce25a8eb18424da191860"
      + "d5de527880450b92a5e813fe4c41ee8e51ecdc3a001500e5"
    let digits = Array(text.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    var bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    bytes += [UInt8](repeating: 0, count: 0xE5)
    #expect(bytes.count == 517)
    let (hello, missing) = try read(bytes)
    #expect(missing == nil)
    #expect(hello.serverName == Array("shop.example.com".utf8))
    #expect(hello.speaks(Array("h2".utf8)) && hello.speaks(Array("http/1.1".utf8)))
    #expect(!hello.speaks(Array("http/1".utf8)) && !hello.speaks([]))
    // Less than the record is never enough, and how much is needed is told.
    for count in 5..<517 { #expect(try read(Array(bytes[..<count])).missing == 517) }
    for count in 0..<5 { #expect(try read(Array(bytes[..<count])).missing == 5) }
  }

  @Test(arguments: [1, 2, 3, 5, 7, 64, 1_000])
  func `records of any size make the same message`(size: Int) throws {
    var maker = HelloMaker(name: "a.example", protocols: ["h2"])
    maker.extensions.append((21, [UInt8](repeating: 0, count: size == 1 ? 0 : 20)))
    let bytes = maker.records(of: size)
    guard (maker.message.count + size - 1) / size <= ClientHello.mostRecords else {
      #expect(throws: ClientHello.Problem.tooLong) { try read(bytes) }
      return
    }
    #expect(try name(bytes) == "a.example")
    #expect(try name(bytes + [23, 3, 3, 0, 1, 9]) == "a.example")
  }

  @Test func `a client need not name a server`() throws {
    #expect(try name(HelloMaker().records()) == "")
    var old = HelloMaker()
    old.hasExtensions = false
    #expect(try name(old.records()) == "")
    #expect(try name(HelloMaker(name: "A.Example.").records()) == "a.example")
    // Names of another kind are left out.
    var maker = HelloMaker()
    maker.extensions = [(0, HelloMaker.list([5, 0, 1, 1] + HelloMaker.entry("b.example")))]
    #expect(try name(maker.records()) == "b.example")
  }

  @Test func `what is no first message of TLS is told from one that is broken`() {
    let others: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\n".utf8), [0x80, 0x2E, 1, 3, 1], [21, 3, 1, 0, 2, 2, 40],
      [22, 2, 0, 0, 5, 1], [0],
    ]
    for bytes in others { #expect(throws: ClientHello.Problem.notTLS) { try read(bytes) } }
  }

  private static var broken: [[UInt8]] {
    func made(_ change: (inout HelloMaker) -> Void) -> [UInt8] {
      var maker = HelloMaker()
      change(&maker)
      return maker.records()
    }
    func named(_ body: [UInt8]) -> [UInt8] { made { $0.extensions = [(0, body)] } }
    func message(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var message = HelloMaker(name: "a.example").message
      change(&message)
      return HelloMaker.records(message, of: 16_384)
    }
    return [
      // Lengths that lie, in both directions.
      message {
        $0[3] &+= 1; $0.append(0)
      }, message { $0[3] &-= 1 }, message { $0[38] = 33 },
      message { $0[39] = 0xFF }, message { $0[40] = 1 }, message { $0[40] = 0 },
      message { $0[43] = 0 }, message { $0[43] = 0xFF }, message { $0[46] &+= 1 },
      message { $0[46] &-= 1 }, message { $0[50] &+= 1 }, message { $0[52] &-= 1 },
      message { $0[55] &+= 1 }, message { $0[0] = 2 }, message { $0[4] = 2 },
      // Names.
      named([]), named([0, 0]), named([0, 1, 0]), named(HelloMaker.list([0, 0, 0])),
      named(HelloMaker.list(HelloMaker.entry("a") + HelloMaker.entry("b"))),
      named(HelloMaker.list(HelloMaker.entry("a\u{0}b"))),
      named(HelloMaker.list(HelloMaker.entry("a/b"))),
      named(HelloMaker.list(HelloMaker.entry("a b"))),
      named(HelloMaker.list(HelloMaker.entry("."))),
      named(HelloMaker.list(HelloMaker.entry("a.."))),
      named(HelloMaker.list(HelloMaker.entry(String(repeating: "a", count: 256)))),
      made { $0.extensions = [(0, HelloMaker.list(HelloMaker.entry("a"))), (0, [0, 0])] },
      made { $0.extensions = [(16, [0, 1, 0])] }, made { $0.extensions = [(16, [0, 2, 2, 1])] },
      made { $0.extensions = [(16, [0, 2, 1, 1]), (16, [0, 2, 1, 1])] },
      made { $0.suites = [1] }, made { $0.suites = [] },
      // An empty record, and another kind between.
      [22, 3, 1, 0, 0], [22, 3, 1, 0x40, 1] + [UInt8](repeating: 1, count: 20),
      [22, 3, 1, 0, 1, 1, 23, 3, 1, 0, 1], [22, 3, 1, 0, 1, 1, 21],
    ]
  }

  @Test func `a broken message is refused, and nothing traps`() {
    for (index, bytes) in Self.broken.enumerated() {
      #expect(throws: ClientHello.Problem.malformed, "case \(index)") { try read(bytes) }
    }
  }

  @Test func `a message without an end is too long`() {
    let endless = HelloMaker.records([1, 0, 0xFF, 0xFF], of: 4)
    #expect(throws: ClientHello.Problem.tooLong) { try read(endless) }
    var big = HelloMaker()
    big.extensions = [(21, [UInt8](repeating: 0, count: 40_000))]
    #expect(throws: ClientHello.Problem.tooLong) { try read(big.records()) }
    big.extensions = [(21, [UInt8](repeating: 0, count: 30_000))]
    #expect(throws: Never.self) { try read(big.records()) }
  }

  @Test func `protocols that do not fit are as good as not said`() throws {
    let many = (0..<40).map { "protocol-\($0)" }
    let (hello, _) = try read(HelloMaker(protocols: many).records())
    #expect(hello.speaks(Array("protocol-0".utf8)) && !hello.speaks(Array("protocol-39".utf8)))
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `changed bytes are read or refused, in parts as in whole`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let maker = HelloMaker(name: "shop.example.com", protocols: ["h2", "http/1.1"])
    var bytes = maker.records(of: 8 + random.below(100))
    for _ in 0..<random.below(4) {
      bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    }
    var hello = ClientHello()
    let missing = Result { () throws(ClientHello.Problem) in try hello.read(bytes.span) }
    for count in 0..<bytes.count {
      var part = ClientHello()
      guard let needed = try? part.read(Array(bytes[..<count]).span) else { continue }
      #expect(needed > count)
    }
    if case .success(nil) = missing { #expect(hello.serverName.count <= 255) }
  }
}
