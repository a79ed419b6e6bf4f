import Glibc
import Primitives
import TLS
import Testing

@Suite struct SessionTests {
  private let authority = TestAuthority()

  private func client(_ change: (inout TLSClientOptions) -> Void = { _ in }) throws
    -> TLSClientContext
  {
    var options = TLSClientOptions()
    options.verification = .authorities(
      try TLSAuthorities(certificates: authority.certificate, source: "ca.pem", now: .testNow))
    change(&options)
    return try TLSClientContext(options)
  }

  private func server(_ change: (inout TLSServerOptions) throws -> Void = { _ in }) throws
    -> TLSServerContext
  {
    var options = TLSServerOptions(
      identities: [try authority.issue("shop.example").identity()], protocols: ["http/1.1"])
    try change(&options)
    return try TLSServerContext(options)
  }

  @Test(arguments: [TLSProtocolVersion.tls12, .tls13]) func `bytes go both ways and end in order`(
    version: TLSProtocolVersion
  ) throws {
    let pair = try SessionPair(
      server { $0.versions = version...version }, client { $0.protocols = ["h2", "http/1.1"] },
      name: "shop.example")
    try #require(pair.shakeHands())
    #expect(pair.server.version == version && pair.client.version == version)
    #expect(pair.server.applicationProtocol == "http/1.1")
    #expect(pair.server.serverName == Array("shop.example".utf8))
    #expect(pair.server.cipher?.name.description.contains("AES") == true)
    #expect(!pair.server.isResumed && pair.server.peerSubject.isEmpty)
    #expect(pair.client.peerSubject == Array("CN=shop.example".utf8))

    #expect(pair.server.receive().count == -Int(EAGAIN))
    #expect(pair.client.send(Array("question".utf8)) == 8)
    #expect(pair.server.receive().bytes == Array("question".utf8))
    let both = unsafe Array("head".utf8).withUnsafeBytes { head in
      unsafe Array("body".utf8).withUnsafeBytes { body in unsafe pair.server.send(head, body) }
    }
    #expect(both == 8)
    #expect(pair.client.receive().bytes == Array("headbody".utf8))
    pair.server.shutdown()
    #expect(pair.client.receive().count == 0 && pair.client.isEndAnnounced)
    #expect(pair.client.send([1, 2]) == 2, "the other direction is still open")
    #expect(pair.server.receive().bytes == [1, 2])
  }

  @Test func `an end that was not announced is told from one that was`() throws {
    let pair = try SessionPair(server(), client(), name: "shop.example")
    try #require(pair.shakeHands())
    shutdown(pair.clientSocket, Int32(SHUT_WR))
    #expect(pair.server.receive().count == 0)
    #expect(!pair.server.isEndAnnounced)
    #expect(pair.server.receive().count == 0)
  }

  @Test(arguments: [TLSProtocolVersion.tls12, .tls13])
  func `a session with a server is resumed, under the same rules only`(
    version: TLSProtocolVersion
  ) throws {
    let tickets = try #require(TLSTicketKey.fresh().flatMap { TLSTicketKeys([$0]) })
    let (far, near) = try (
      server {
        $0.versions = version...version
        $0.tickets = tickets
      }, client()
    )
    let first = try SessionPair(far, near, name: "shop.example")
    try #require(first.shakeHands())
    // What resumes it comes with the first bytes.
    #expect(first.server.send([1]) == 1 && first.client.receive().bytes == [1])
    let left = try #require(first.client.resumption)
    let second = try SessionPair(far, near, name: "shop.example")
    second.client.resume(left)
    try #require(second.shakeHands())
    #expect(second.client.isResumed && second.server.isResumed)
    let other = try SessionPair(far, client(), name: "shop.example")
    other.client.resume(left)
    try #require(other.shakeHands())
    #expect(!other.client.isResumed, "who believes others asks for the certificate again")
    #expect(first.server.resumption == nil, "that is the client's side")
  }

  @Test func `looking for bytes takes none`() throws {
    let pair = try SessionPair(server(), client(), name: "shop.example")
    #expect(pair.client.peek() == -Int(EAGAIN))
    try #require(pair.shakeHands())
    #expect(pair.client.peek() == -Int(EAGAIN))
    #expect(pair.server.send([7, 8]) == 2)
    #expect(pair.client.peek() == 1 && pair.client.peek() == 1)
    #expect(pair.client.receive().bytes == [7, 8])
    pair.server.shutdown()
    #expect(pair.client.peek() == 0 && pair.client.receive().count == 0)
  }

  @Test func `an alert is no announced end`() throws {
    let pair = try SessionPair(
      server {
        $0.clients = .require(
          try TLSAuthorities(certificates: authority.certificate, source: "ca.pem", now: .testNow))
      }, client(), name: "shop.example")
    // In TLS 1.3 the client is done before the server has seen that it shows no certificate.
    for _ in 0..<4 where pair.client.handshake() != .failed { _ = pair.server.handshake() }
    try #require(pair.client.isEstablished)
    shutdown(pair.serverSocket, Int32(SHUT_WR))
    #expect(pair.client.receive().count == -Int(EPROTO))
    #expect(!pair.client.isEndAnnounced && pair.client.failure == .refusedByPeer)
  }

  @Test func `what a full socket doesn't take is given again, and nothing is lost or doubled`()
    throws
  {
    let pair = try SessionPair(server(), client(), name: "shop.example")
    try #require(pair.shakeHands())
    let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 11) }
    var received: [UInt8] = []
    var offset = 0
    var wasFull = false
    while received.count < sent.count {
      let taken = pair.server.send(Array(sent[offset..<min(offset + 100_000, sent.count)]))
      if taken >= 0 { offset += taken } else { #expect(taken == -Int(EAGAIN)) }
      wasFull = wasFull || pair.server.holdsOutput
      let part = pair.client.receive(atMost: 10_007)
      if part.count > 0 { received += part.bytes } else { #expect(part.count == -Int(EAGAIN)) }
    }
    #expect(wasFull && received == sent)
  }

  @Test func `bytes that were read before belong to the handshake`() throws {
    let pair = try SessionPair(server(), client(), name: "shop.example")
    #expect(pair.client.handshake() == .waiting)
    var hello = [UInt8](repeating: 0, count: 100)
    let count = unsafe recv(pair.serverSocket, &hello, 100, 0)
    #expect(count == 100)
    #expect(unsafe hello.withUnsafeBytes { unsafe pair.server.feed($0) })
    #expect(pair.shakeHands())
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n\r\n", "DELETE /x HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
  ])
  func `plain HTTP is recognised`(text: String) throws {
    let pair = try SessionPair(server(), client(), name: nil)
    _ = unsafe Glibc.send(pair.clientSocket, text, text.utf8.count, 0)
    #expect(pair.server.handshake() == .failed)
    #expect(pair.server.failure == .plainHTTP)
    var answer: UInt8 = 0
    #expect(unsafe recv(pair.clientSocket, &answer, 1, 0) == -1, "no alert among plain text")
  }

  @Test func `bytes that are no TLS are refused, and nothing traps`() throws {
    for text: [UInt8] in [
      [0, 1, 2, 3, 4, 5], [0x16, 3, 1, 0, 4, 9, 9, 9, 9, 9], [0x80, 0x2E, 1, 0, 2],
    ] {
      let pair = try SessionPair(server(), client(), name: nil)
      let many = [[UInt8]](repeating: text, count: 40).flatMap(\.self)
      _ = unsafe Glibc.send(pair.clientSocket, many, many.count, 0)
      #expect(pair.server.handshake() == .failed)
      #expect([.notTLS, .malformed].contains(pair.server.failure))
    }
  }

  @Test func `a client that leaves in mid-handshake is told from one that sends nonsense`() throws {
    let pair = try SessionPair(server(), client(), name: nil)
    #expect(pair.client.handshake() == .waiting)
    #expect(pair.server.handshake() == .waiting)
    shutdown(pair.clientSocket, Int32(SHUT_WR))
    #expect(pair.server.handshake() == .failed)
    #expect(pair.server.failure == .closed)
  }

  @Test func `nothing in common has its own reason`() throws {
    let old = try SessionPair(
      server { $0.versions = .tls13 ... .tls13 }, client { $0.versions = .tls12 ... .tls12 },
      name: nil)
    #expect(!old.shakeHands())
    #expect(old.server.failure == .version && old.client.failure == .refusedByPeer)
    let other = try SessionPair(server(), client { $0.protocols = ["smtp"] }, name: nil)
    #expect(!other.shakeHands())
    #expect(other.server.failure == .applicationProtocol)
  }

  @Test func `a server is believed for its name alone`() throws {
    let wrong = try SessionPair(server(), client(), name: "other.example")
    #expect(!wrong.shakeHands())
    #expect(wrong.client.failure == .certificateName)
    let stranger = try SessionPair(
      server(), client { $0.verification = .system }, name: "shop.example")
    #expect(!stranger.shakeHands())
    #expect(stranger.client.failure == .certificateUntrusted)
    let unchecked = try SessionPair(
      server(), client { $0.verification = .none }, name: "other.example")
    #expect(unchecked.shakeHands())
  }

  @Test func `the name chooses the certificate, and the client the kind of key`() throws {
    let identities = try [
      authority.issue("first.example").identity("first"),
      authority.issue("shop.example").identity("elliptic"),
      authority.issue(.init(names: ["shop.example"], kind: .rsa(bits: 2_048))).identity("rsa"),
      authority.issue("*.wild.example").identity("wild"),
    ]
    let context = try server { $0.identities = identities }
    func shown(_ name: String?) throws -> String {
      let pair = try SessionPair(context, client { $0.verification = .none }, name: name)
      #expect(pair.shakeHands())
      return String(decoding: pair.client.peerSubject, as: UTF8.self)
    }
    #expect(try shown("shop.example") == "CN=shop.example")
    #expect(try shown("SHOP.example") == "CN=shop.example")
    #expect(try shown("a.wild.example") == "CN=*.wild.example")
    #expect(try shown("a.b.wild.example") == "CN=first.example")
    #expect(try shown("unknown.example") == "CN=first.example")
    #expect(try shown(nil) == "CN=first.example")
  }

  @Test(arguments: [TLSProtocolVersion.tls12, .tls13])
  func `clients are held to their certificates`(
    version: TLSProtocolVersion
  ) throws {
    let good = authority.issue(.init(commonName: "alice", isForClients: true))
    let revoked = authority.issue(.init(commonName: "mallory", isForClients: true))
    let expired = authority.issue(
      .init(commonName: "bob", begins: -7_200, ends: -3_600, isForClients: true))
    let early = authority.issue(.init(commonName: "eve", begins: 3_600, isForClients: true))
    let foreign = TestAuthority("Other").issue(.init(commonName: "carol", isForClients: true))
    let authorities = try TLSAuthorities(
      certificates: authority.certificate, source: "ca.pem",
      revocations: [(authority.revoke([revoked.serial]), "crl.pem")], now: .testNow)
    func outcome(_ issued: TestAuthority.Issued?, isRequired: Bool = true) throws -> TLSSession {
      let pair = try SessionPair(
        server {
          $0.clients = isRequired ? .require(authorities) : .request(authorities)
          $0.versions = version...version
        },
        client { $0.identity = try? issued?.identity() }, name: "shop.example")
      pair.shakeHands()
      return pair.server
    }
    let alice = try outcome(good)
    #expect(alice.failure == nil && alice.peerSubject == Array("CN=alice".utf8))
    #expect(try outcome(nil).failure == .certificateMissing)
    #expect(try outcome(revoked).failure == .certificateRevoked)
    #expect(try outcome(expired).failure == .certificateExpired)
    #expect(try outcome(early).failure == .certificateNotYetValid)
    #expect(try outcome(foreign).failure == .certificateUntrusted)
    #expect(try outcome(nil, isRequired: false).isEstablished)
    #expect(try outcome(foreign, isRequired: false).failure == .certificateUntrusted)
    let wrongKind = authority.issue("shop.example")
    #expect(try outcome(wrongKind).failure == .certificateInvalid, "it is for servers only")
  }

  @Test func `a revocation list that is overdue refuses`() throws {
    let good = authority.issue(.init(commonName: "alice", isForClients: true))
    let authorities = try TLSAuthorities(
      certificates: authority.certificate, source: "ca.pem",
      revocations: [(authority.revoke([], nextUpdate: -60), "crl.pem")], now: .testNow)
    #expect(authorities.warnings.count == 1)
    let pair = try SessionPair(
      server { $0.clients = .require(authorities) },
      client { $0.identity = try? good.identity() }, name: "shop.example")
    #expect(!pair.shakeHands() || pair.server.failure != nil)
    #expect(pair.server.failure == .certificateStatusUnknown)
  }
}
