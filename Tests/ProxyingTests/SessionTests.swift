import Balancing
import Primitives
import Testing
import Topology
import Wire

@testable import Proxying

private let secret = HashKey(high: 1, low: 2)
private let client = ClientAddress(.ipv4(address: 0x0A00_0001, port: 4711))

/// One worker, and what its clients and servers say.
private struct World {
  var sessions = ServiceSessions()
  var now = Instant(nanoseconds: 1)

  init(_ stickiness: Stickiness) {
    let servers = (0..<3).map {
      Server(
        id: ServerID($0), name: "s\($0)", address: .loopback(port: 1),
        stickyToken: Array("token-of-server-number-\($0)".utf8))
    }
    sessions.adopt(
      Service(
        id: ServiceID(0), name: "s", algorithm: .roundRobin, servers: servers,
        stickiness: stickiness))
  }

  mutating func begin(_ cookie: String? = nil, from client: ClientAddress = client)
    -> RequestSession
  {
    let field = cookie.map { "Cookie: a=b; \($0)\r\n" } ?? ""
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n".utf8)
    var head = RequestHead()
    guard (try? head.read(bytes.span)) == true else { return RequestSession() }
    return sessions.begin(head, bytes.span, client: client, secret: secret, now: now)
  }

  mutating func answered(
    by server: Int, _ session: RequestSession, status: Int = 200, _ fields: String = ""
  ) -> SessionCookie? {
    let bytes = Array("HTTP/1.1 \(status) OK\r\n\(fields)\r\n".utf8)
    var head = ResponseHead()
    guard (try? head.read(bytes.span, isHead: false)) == true else { return nil }
    return sessions.answered(
      head, bytes.span, by: server, for: session, isSecure: false, secret: secret, now: now)
  }

  /// A request with all its steps.
  mutating func request(
    _ cookie: String? = nil, to server: Int, _ fields: String = ""
  ) -> SessionCookie? {
    let session = begin(cookie)
    sessions.chose(server, for: session, now: now)
    return answered(by: server, session, fields)
  }
}

@Suite struct SessionTests {
  private let inserted = Stickiness.inserted(cookie: Array("B".utf8), age: .hours(1))
  private let learned = Stickiness.learned(cookie: Array("sid".utf8), expiry: .minutes(30))
  private let source = Stickiness.source(expiry: .minutes(30))

  @Test func `an inserted cookie leads back to its server and is set once`() {
    var world = World(inserted)
    #expect(world.begin().server == nil)
    let cookie = world.request(to: 2)
    #expect(cookie?.token == Array("token-of-server-number-2".utf8))
    #expect(cookie?.age == .hours(1))
    #expect(world.begin("B=token-of-server-number-2").server == 2)
    #expect(world.request("B=token-of-server-number-2", to: 2) == nil)
  }

  @Test func `a cookie that we never made leads nowhere and is replaced`() {
    for forged in ["B=", "B=token-of-server-number-3", "B=token-of-server-number-", "b=x"] {
      var world = World(inserted)
      #expect(world.begin(forged).server == nil)
      #expect(world.request(forged, to: 1)?.token == Array("token-of-server-number-1".utf8))
    }
  }

  @Test func `a dead server hands its clients over once`() {
    var world = World(inserted)
    let moved = world.request("B=token-of-server-number-0", to: 1)
    #expect(moved?.token == Array("token-of-server-number-1".utf8))
    // The former server is back; the client's new cookie stays where it is.
    #expect(world.begin("B=token-of-server-number-1").server == 1)
    for stickiness in [learned, source] {
      var world = World(stickiness)
      _ = world.request("sid=x", to: 0)
      #expect(world.begin("sid=x").server == 0)
      _ = world.request("sid=x", to: 1)
      #expect(world.begin("sid=x").server == 1)
    }
  }

  @Test func `a failure binds nobody`() {
    var world = World(inserted)
    let session = world.begin()
    #expect(world.answered(by: 0, session, status: 500) == nil)
    #expect(world.answered(by: 0, session, status: 499) != nil)
  }

  @Test func `a server's own cookie is learned from its answer`() {
    var world = World(learned)
    #expect(world.request(to: 1, "Set-Cookie: sid=x; Path=/\r\n") == nil)
    #expect(world.begin("sid=x").server == 1)
    #expect(world.begin("sid=y").server == nil)
    #expect(world.begin().server == nil)
    // A login gives the session another name.
    _ = world.request("sid=x", to: 1, "Set-Cookie: sid=z\r\n")
    #expect(world.begin("sid=z").server == 1)
  }

  @Test func `a cookie from before a restart is taken up where its next request goes`() {
    var world = World(learned)
    _ = world.request("sid=old", to: 2)
    #expect(world.begin("sid=old").server == 2)
    _ = world.request("sid=", to: 2)
    #expect(world.begin("sid=").server == nil)
  }

  @Test func `an address is with the server that was chosen, before that has answered`() {
    var world = World(source)
    let first = world.begin()
    world.sessions.chose(1, for: first, now: world.now)
    #expect(world.begin().server == 1)
    #expect(world.begin(from: ClientAddress(.ipv4(address: 0x0A00_0001, port: 1))).server == 1)
    #expect(world.begin(from: ClientAddress(.ipv4(address: 0x0A00_0002, port: 1))).server == nil)
    let unix = ClientAddress(.unix(path: "/a"))
    world.sessions.chose(1, for: world.begin(from: unix), now: world.now)
    #expect(world.begin(from: unix).server == nil)
  }

  @Test func `a client that was away for the expiry is placed anew`() {
    for stickiness in [learned, source] {
      var world = World(stickiness)
      _ = world.request("sid=x", to: 1)
      world.now = world.now + (.minutes(30) - .nanoseconds(1))
      #expect(world.begin("sid=x").server == 1)
      world.now = world.now + .minutes(34)
      #expect(world.begin("sid=x").server == nil)
    }
  }

  @Test func `a service without stickiness has no sessions`() {
    var sessions = ServiceSessions()
    sessions.place(1, server: 1, now: .zero)
    #expect(sessions.server(forKey: 1, now: .zero) == nil)
    #expect(sessions.takeNews().isEmpty)
  }
}
