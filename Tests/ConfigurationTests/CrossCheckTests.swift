import Configuration
import Primitives
import Testing

struct CrossCheckTests {
  private static let two = """
    services:
      shop: { servers: [ "10.0.0.1:80" ] }
      orders: { servers: [ "10.0.0.2:80" ] }

    """

  private func refused(_ head: String) -> [String] { load(head + "\n" + Self.two).brief }

  @Test func `a misspelt 'services' is one mistake, not one for each mention of a service`() {
    let text = """
      listeners: { web: { address: ":80", service: shop } }
      routes: [ { service: shop } ]
      servces: { shop: { servers: [ "10.0.0.1:80" ] } }
      """
    #expect(
      load(text).brief == [
        "3:1 'servces' is no key of the configuration (did you mean 'services'?)"
      ])
  }

  @Test(arguments: ["8080", ":8080", "127.0.0.1:8080"])
  func `a port alone is no address, and both ways to write it are`(address: String) {
    let text = """
      listeners: { web: { address: "\(address)" } }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }
      """
    let help = "write '127.0.0.1:8080', or ':8080' to listen at every address"
    #expect(
      load(text).brief
        == (address == "8080" ? ["1:30 'address': '8080' has no port (\(help))"] : []))
  }

  @Test func `a listener without a route needs a service when there are several`() {
    #expect(
      refused("listeners: { web: { address: \":80\" } }") == [
        """
        1:14 the listener 'web' has no route, and there are several services \
        (write 'service: NAME' in it, or a route; the services are shop, orders)
        """
      ])
  }

  @Test func `a route without listeners holds for all of them`() {
    let text = "listeners: { a: { address: \":80\" }, b: { address: \":81\" } }\n"
    let routes = "routes: [ { service: shop, match: { path: /x } }, { service: orders } ]\n"
    let settings = load(text + routes + Self.two).settings
    #expect(settings?.listeners.map(\.service) == [nil, nil])
  }

  @Test func `references must exist`() {
    let text = """
      listeners: { web: { address: ":80", service: shops } }
      routes: [ { listeners: [ wbe ], service: nowhere } ]
      """
    #expect(
      refused(text) == [
        "1:46 there is no service 'shops' (did you mean 'shop'?)",
        "2:26 there is no listener 'wbe' (did you mean 'web'?)",
        "2:42 there is no service 'nowhere' (the services are shop, orders)",
      ])
  }

  @Test func `an address is opened once`() {
    #expect(
      refused(
        "listeners:\n  a: { address: \":80\", service: shop }\n  b: { address: \"10.0.0.9:80\", service: shop }"
      )
        == [
          "3:17 the listeners 'a' and 'b' have the same address (the other is at a.yaml:2; give one another port)"
        ])
    let admin = refused("listeners: { a: { address: \"127.0.0.1:9900\", service: shop } }")
    #expect(admin.first?.hasPrefix("1:28 the listener 'a' and the admin API") == true)
  }

  @Test func `unix sockets have absolute paths that the system can take`() {
    let listener = "listeners: { a: { address: \"unix:run/web.sock\", service: shop } }\n"
    let settings = load(listener + Self.two).settings
    #expect(settings?.listeners.first?.address == .unix(path: "/srv/shop/run/web.sock"))
    let long = String(repeating: "x", count: 100)
    #expect(
      refused("\(listener)admin: { socket: \(long) }") == [
        """
        2:18 the socket's path has 110 bytes with its folder; the most is 107 \
        (write a shorter path, such as /run/ballast.sock)
        """
      ])
    #expect(refused("listeners: { a: { address: \"unix:\(long)\", service: shop } }").count == 1)
  }

  @Test func `two routes that take the same requests are refused`() {
    let text = """
      listeners: { a: { address: ":80" }, b: { address: ":81" } }
      routes:
        - { match: { host: Shop, path: /x }, service: shop }
        - { match: { host: shop., path: /x }, service: orders, listeners: [ b ] }
        - { match: { host: shop, path: /x }, service: orders, priority: 1 }
        - { name: n, match: { path: "/*" }, service: orders, listeners: [ a ] }
        - { name: n, service: shop, listeners: [ b ] }
        - { service: shop, listeners: [ b, a ] }
      """
    #expect(
      refused(text) == [
        "4:5 this route takes the same requests as the route 'shop' (that one is at a.yaml:3; change a match or a priority)",
        "7:13 two routes have the name 'n' (the first is at a.yaml:6; rename one of them)",
        "8:5 this route takes the same requests as the route 'n' (that one is at a.yaml:7; change a match or a priority)",
      ])
  }

  @Test(arguments: [
    ("match: { path: api }", "'path': the path 'api' does not begin with '/'"),
    ("match: { path: \"/a*\" }", "'path': the path '/a*' has a '*'"),
    ("match: { path: \"/*/a\" }", "'path': the path '/*/a' has a '*'"),
    ("match: { path: /a/../b }", "'path': the path '/a/../b' is not in its plain form"),
    ("match: { path: /a?b=c }", "'path': the path '/a?b=c' has a character"),
    ("match: { host: \"*.shop\" }", "the route 'shop' has a host with '*'"),
    ("match: { host: \"a.*.shop\" }", "'host': a host with '*' is not supported yet"),
    ("match: { host: \"shop:80\" }", "'host': a host here has no port"),
    ("match: { host: \"http://shop\" }", "'host': 'http://shop' is not a host"),
    ("match: { method: [ GET ] }", "'method' of a match is not supported yet"),
    ("match: { headers: { a: b } }", "'headers' of a match is not supported yet"),
    ("redirect: { to: x }", "'redirect' of a route is not supported yet"),
    ("requestHeaders: {}", "'requestHeaders' of a route is not supported yet"),
    ("listeners: []", "'listeners' has 0 items"),
  ])
  func `matches that could not work are refused`(_ key: String, _ message: String) throws {
    let text = "listeners: { web: { address: \":80\" } }\nroutes: [ { service: shop, \(key) } ]"
    let messages = load(text + "\n" + Self.two).messages
    #expect(messages.count == 1)
    #expect(messages.first?.hasPrefix(message) == true, "\(messages)")
  }

  @Test func `what is planned is not taken for a missing key`() {
    let text = "listeners: { web: { address: \":80\" } }\nroutes: [ { split: { shop: 1 } } ]"
    #expect(load(text + "\n" + Self.two).messages == ["'split' of a route is not supported yet"])
  }

  @Test(arguments: ["tls: {}"])
  func `a listener's later keys are refused`(_ key: String) {
    let messages = load(
      "listeners: { web: { address: \":80\", service: shop, \(key) } }\n" + Self.two
    ).messages
    #expect(messages.count == 1)
    #expect(messages.first?.hasSuffix("not supported yet") == true, "\(messages)")
  }

  @Test func `alerts are refused and misspelled sections are named`() {
    #expect(
      load(Golden.smallest + "alerts: {}\nlisteneres: {}\n").brief == [
        """
        6:1 'alerts' of the configuration is not supported yet \
        (remove it; this version of Ballast cannot do what it asks for)
        """,
        "7:1 'listeneres' is no key of the configuration (did you mean 'listeners'?)",
      ])
  }

  @Test func `what is suspicious is a warning, and the file is taken`() {
    let text = """
      listeners: { web: { address: ":80", service: shop } }
      services:
        shop: { servers: [ { address: "10.0.0.1:80", backup: true } ] }
        spare: { servers: [ "10.0.0.2:80", { name: b, address: "10.0.0.2:80" } ] }
      """
    let outcome = load(text)
    #expect(outcome.settings != nil)
    #expect(
      outcome.messages == [
        "all servers of 'shop' are backups",
        "no listener and no route leads to the service 'spare'",
        "two servers have the address 10.0.0.2:80",
      ])
    #expect(outcome.diagnostics.allSatisfy { $0.severity == .warning })
  }
}
