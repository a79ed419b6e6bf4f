import Glibc
import Primitives
import TLS
import Testing

@Suite(.serialized) struct MemoryTests {
  /// What the process has of memory, in bytes; the allocator is asked to give back what is free.
  private static var resident: Int {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var text = [UInt8](repeating: 0, count: 200)
    let count = unsafe fread(&text, 1, text.count, file)
    let fields = String(decoding: text.prefix(count), as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4_096
  }

  /// In a process of its own: other tests take memory as well.
  @Test func `an idle session takes at most 16 KiB`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let each = try MemoryTests.bytesOfSession()
      #expect(each < 16_384, "\(each) bytes")
      exit(each < 16_384 ? 0 : 1)
    }
  }

  private static func bytesOfSession() throws -> Int {
    let authority = TestAuthority()
    var options = TLSServerOptions(
      identities: [try authority.issue("shop.example").identity()], protocols: ["http/1.1"])
    options.tickets = TLSTicketKeys([try #require(TLSTicketKey.fresh())])
    let server = try TLSServerContext(options)
    var clientOptions = TLSClientOptions()
    clientOptions.verification = .none
    let client = try TLSClientContext(clientOptions)
    func makeIdle() throws -> TLSSession {
      let pair = try SessionPair(server, client, name: "shop.example")
      try #require(pair.shakeHands())
      #expect(pair.client.send([UInt8](repeating: 65, count: 200)) == 200)
      #expect(pair.server.receive().count == 200)
      #expect(pair.server.send([UInt8](repeating: 65, count: 20_000)) == 20_000)
      #expect(pair.client.receive().count == 20_000)
      // The socket is closed behind it, which it doesn't notice before it is asked.
      return pair.server
    }
    var sessions: [TLSSession] = []
    for _ in 0..<50 { sessions.append(try makeIdle()) }
    let before = resident
    let more = 400
    for _ in 0..<more { sessions.append(try makeIdle()) }
    let each = (resident - before) / more
    try #require(sessions.count == 50 + more)
    return each
  }
}
