import Configuration
import Primitives
import Testing
import Topology

@Suite struct ProtocolTests {
  private func settings(_ text: String) throws -> Settings {
    let outcome = load(text)
    return try #require(outcome.settings, "\(outcome.brief)")
  }

  /// A listener and a service with these settings.
  private func pair(_ listener: String, _ service: String) -> String {
    """
    listeners: { db: { address: ":5432", \(listener) } }
    services: { store: { servers: [ "10.0.0.1:5432" ], \(service) } }
    """
  }

  @Test func `layer 4 is read, with the defaults of each protocol`() throws {
    let text = """
      listeners:
        db: { address: ":5432", protocol: tcp, service: store, acceptProxyProtocol: { from: [ 10.0.0.0/8 ] } }
        dns: { address: ":5353", protocol: udp, service: names, sessions: 100 }
        dns-tcp: { address: ":5353", protocol: tcp, service: store }
        tls: { address: ":8443", protocol: tls-passthrough, service: store }
        local: { address: "unix:/run/shop.sock", mode: "0600" }
      routes:
        - { listeners: [ tls ], match: { host: a.example, alpn: h2 }, service: store }
        - { service: shop }
      services:
        shop: { servers: [ "10.0.0.3:80" ], sendProxyProtocol: v1 }
        store: { protocol: tcp, servers: [ "10.0.0.1:5432" ], sendProxyProtocol: v2 }
        names: { protocol: udp, servers: [ "10.0.0.2:53" ] }
      """
    let settings = try settings(text)
    #expect(settings.listeners.map(\.protocol) == [.tcp, .udp, .tcp, .tlsPassthrough, .http])
    let trusted = try AddressBlock("10.0.0.0/8")
    #expect(settings.listeners[0].proxies == [trusted])
    #expect(settings.listeners[1].sessions == 100 && settings.listeners[4].mode == 0o600)
    #expect(settings.routes[0].alpn == ["h2"])
    let (shop, store, names) = (settings.services[0], settings.services[1], settings.services[2])
    #expect(shop.proxyHeader == .v1 && store.proxyHeader == .v2)
    #expect(store.health.check == .tcp && names.health.check == .none)
    #expect(store.timeouts.idle == .hours(1) && names.timeouts.idle == .minutes(1))
    for service in [store, names] {
      #expect(BalanceDecision(service, servers: 2).balance == .leastConnections)
    }
  }

  @Test func `one service is the listener's, if it speaks the same`() throws {
    let settings = try settings(pair("protocol: tcp", "protocol: tcp"))
    #expect(settings.listeners[0].service == "store")
    #expect(
      load(pair("protocol: tcp", "")).messages == [
        "the listener 'db' is for tcp, and the service 'store' speaks http"
      ])
    #expect(
      load(pair("", "protocol: udp")).messages == [
        "the listener 'db' is for http, and the service 'store' speaks udp"
      ])
  }

  @Test(arguments: [
    ("protocol: tcp", "protocol: tcp, retries: { hedge: 1s }"),
    ("protocol: tcp", "protocol: tcp, retries: { on: [ reset ] }"),
    ("protocol: tcp", "protocol: tcp, timeouts: { response: 1s }"),
    ("protocol: tcp", "protocol: tcp, limits: { adaptive: true }"),
    ("protocol: tcp", "protocol: tcp, sticky: { cookie: a }"),
    ("protocol: tcp", "protocol: tcp, balance: { algorithm: hash, key: path }"),
    ("protocol: tcp", "protocol: tcp, sendProxyProtocol: v1, health: { tls: {} }"),
    ("protocol: http", "protocol: http2, sendProxyProtocol: v1"),
    ("protocol: http", "protocol: http, health: { grpc: {} }"),
    ("protocol: tcp, sessions: 5", "protocol: tcp"),
    ("protocol: tcp, mode: \"0600\"", "protocol: tcp"),
    ("protocol: udp", "protocol: udp, sendProxyProtocol: v1"),
    ("protocol: udp", "protocol: udp, retries: { attempts: 2 }"),
    ("protocol: udp", "protocol: udp, timeouts: { connect: 1s }"),
    ("protocol: udp", "protocol: udp, limits: { queue: 5 }"),
    ("protocol: udp", "protocol: udp, health: { http: {} }"),
    ("protocol: udp, acceptProxyProtocol: { from: [ 10.0.0.1 ] }", "protocol: udp"),
  ])
  func `what has no meaning with a protocol is refused once`(listener: String, service: String) {
    let outcome = load(pair(listener, service))
    #expect(outcome.settings == nil && outcome.diagnostics.count == 1, "\(outcome.brief)")
  }

  @Test func `a listener without names has no routes, and TLS has no paths`() {
    func refused(_ kind: String, _ route: String, _ service: String = "protocol: tcp") -> [String] {
      load(
        """
        listeners: { in: { address: ":1", protocol: \(kind), service: store } }
        routes: [ { \(route), service: store } ]
        services: { store: { servers: [ "10.0.0.1:2" ], \(service) } }
        """
      ).messages
    }
    #expect(refused("tcp", "listeners: [ in ]").count == 1)
    #expect(refused("tls-passthrough", "listeners: [ in ], match: { path: /a }").count == 1)
    #expect(refused("tls-passthrough", "listeners: [ in ], match: { host: a }").isEmpty)
    #expect(refused("tls-passthrough", "listeners: [ in ], match: { host: \"*.a\" }").isEmpty)
    #expect(refused("tcp", "name: all").count == 1)
    #expect(refused("http", "mirror: { service: store }", "protocol: tcp").count > 0)
    #expect(refused("http", "match: { alpn: h2 }", "protocol: http").count == 1)
  }

  @Test func `a port of UDP is another than the same port of TCP, and is opened once`() {
    func messages(_ first: String, _ second: String) -> [String] {
      load(
        """
        listeners:
          a: { address: ":53", protocol: \(first), service: \(first) }
          b: { address: "10.0.0.1:53", protocol: \(second), service: \(second) }
        services:
          tcp: { protocol: tcp, servers: [ "10.0.0.1:54" ] }
          udp: { protocol: udp, servers: [ "10.0.0.1:54" ] }
        """
      ).messages.filter { !$0.hasPrefix("no listener and no route") }
    }
    #expect(messages("tcp", "udp").isEmpty)
    #expect(messages("udp", "udp") == ["the listeners 'a' and 'b' have the same address"])
    #expect(messages("tcp", "tcp") == ["the listeners 'a' and 'b' have the same address"])
  }

  @Test(arguments: ["\"0660\"", "0660", "660"]) func `permissions are octal`(text: String) throws {
    let file = """
      listeners: { web: { address: "unix:/run/shop.sock", mode: \(text) } }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }
      """
    #expect(try settings(file).listeners[0].mode == 0o660)
    #expect(load(file.replacing(text, with: "0999")).messages.count == 1)
    #expect(load(file.replacing(text, with: "rw")).messages.count == 1)
  }
}
