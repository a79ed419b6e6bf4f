import Configuration
import Primitives
import Routing
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

  @Test func `an admin address that others reach has TLS, or says that it has none`() {
    let listener = "listeners: { a: { address: \":80\", service: shop } }\n"
    for address in [":9900", "10.0.0.1:9900", "[2001:db8::1]:9900", "0.0.0.0:9900"] {
      let written = "\(listener)admin: { address: \"\(address)\""
      let found = refused(written + " }")
      #expect(found.count == 1 && found.first?.hasPrefix("2:19 others reach the admin API") == true)
      #expect(load(written + ", plain: true }\n" + Self.two).settings != nil)
      let secured = load(written + ", tls: { selfSigned: true } }\n" + Self.two).settings?.admin
      #expect(secured?.tls?.isSelfSigned == true && secured?.signIn == .auto)
    }
    for address in ["127.0.0.1:9900", "127.0.0.2:9900", "[::1]:9900"] {
      let text = "\(listener)admin: { address: \"\(address)\", signIn: always }\n"
      #expect(load(text + Self.two).settings?.admin.signIn == .always)
    }
    let both = refused("\(listener)admin: { plain: true, tls: { selfSigned: true } }")
    #expect(both.count == 1 && both.first?.contains("'plain' says") == true)
    // One mistake is one error.
    let misspelt = refused("\(listener)admin: { address: \":9900\", tls: { selfsigned: true } }")
    #expect(!misspelt.isEmpty && !misspelt.contains { $0.contains("others reach") })
    let names = load("\(listener)admin: { hosts: LB.example.com }\n" + Self.two).settings
    #expect(names?.admin.hosts == ["lb.example.com"])
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
    ("match: { path: /a%2fb }", "'path': the path '/a%2fb' is one that no request may have"),
    ("match: { path: /%61 }", "'path': the path '/%61' is not in its plain form"),
    ("match: { path: \"/a/{b}.json\" }", "'path': '{b}.json' is no name for a whole segment"),
    ("match: { path: \"/{a}/{a}\" }", "'path': the path has the name 'a' twice"),
    ("match: { path: { regex: \"/a(b\" } }", "the expression has a '(' without its ')'"),
    ("match: { path: {} }", "'regex' is missing in a path's expression"),
    ("match: { host: \"shop.*\" }", "'host': the host 'shop.*' has a '*' that is not a first"),
    ("match: { host: [ a, \"*.b:80\" ] }", "an item of 'host': a host here has no port"),
    ("match: { host: \"shop:80\" }", "'host': a host here has no port"),
    ("match: { host: \"http://shop\" }", "'host': 'http://shop' is not a host"),
    ("match: { method: get }", "'method': methods are told apart by letter case"),
    ("match: { method: [ TRACE ] }", "an item of 'method': no request with the method TRACE"),
    ("match: { headers: { a b: c } }", "'a b' is not a header's name"),
    ("match: { headers: { Host: c } }", "the host is not matched as a header"),
    ("match: { headers: { a: b, A: c } }", "the header 'A' is written twice"),
    ("match: { client: 10.0.0.1/8 }", "'client': the address '10.0.0.1/8' has bits behind"),
    ("split: { shop: 1 }", "a route has 'service' and 'split', which exclude one another"),
    ("splitKey: uri", "'splitKey' is for 'split'"),
    ("redirect: { to: /x }", "a route has 'service' and 'redirect', which exclude one another"),
    ("mirror: { service: nowhere }", "there is no service 'nowhere'"),
    ("requestHeaders: { set: { Host: x } }", "the host is not changed as a header"),
    ("requestHeaders: { add: { content_length: 1 } }", "the header 'content_length' frames"),
    ("requestHeaders: { set: { Via: x } }", "the header 'Via' is set by Ballast itself"),
    ("requestHeaders: { set: { a: b, A: c } }", "the header 'A' is set twice"),
    ("responseHeaders: { remove: [ TE ] }", "an item of 'remove': the header 'TE' frames"),
    (
      "responseHeaders: { set: { a: \"${sever}\" } }",
      "'${sever}' has ${sever}, which is no variable"
    ),
    (
      "requestHeaders: { set: { a: \"${server}\" } }",
      "'${server}' has ${server}, which is not known here"
    ),
    ("requestHeaders: { set: { a: \"b\\r\\nc\" } }", "'a': 'b"),
    ("rewrite: { path: /a/../b }", "'/a/../b' is no path in its plain form"),
    ("rewrite: { path: \"/${query}\" }", "'/${query}' has ${query}, which is not known here"),
    (
      "match: { path: /a }, rewrite: { path: \"/*\" }",
      "'/*' has a '*', but the route's path has none"
    ),
    ("rewrite: { host: a/b }", "'a/b' is not a host"),
    ("listeners: []", "'listeners' has 0 items"),
  ])
  func `matches that could not work are refused`(_ key: String, _ message: String) throws {
    let text = "listeners: { web: { address: \":80\" } }\nroutes: [ { service: shop, \(key) } ]"
    let messages = load(text + "\n" + Self.two).messages
    #expect(messages.count == 1)
    #expect(messages.first?.hasPrefix(message) == true, "\(messages)")
  }

  @Test(arguments: [
    ("{ match: {} }", "3:11 the route says nothing of what becomes of its requests"),
    ("{ redirect: { to: x } }", "3:29 'x' is neither a path nor a URL"),
    ("{ redirect: { to: //x } }", "3:29 '//x' is neither a path nor a URL"),
    ("{ redirect: { to: \"https://${path}\" } }", "3:29 the host of a redirect is written out"),
    ("{ redirect: { to: \"https://a@${host}\" } }", "3:29 the host of a redirect is written out"),
    ("{ redirect: { to: /x, status: 304 } }", "3:41 'status' cannot be '304'"),
    ("{ respond: { status: 204, body: x } }", "3:37 an answer of 204 has no body"),
    (
      "{ respond: {}, rewrite: {} }",
      "3:26 'rewrite' has no meaning for a route that asks no server"
    ),
    ("{ split: {} }", "3:13 no service of the split has a weight"),
    ("{ split: { shop: 0 } }", "3:13 no service of the split has a weight"),
    ("{ split: { shop: 1, shup: 1 } }", "3:31 there is no service 'shup'"),
    (
      "{ split: { shop: 1 }, splitKey: cookies }",
      "3:43 'splitKey': 'cookies' is no part of a request"
    ),
  ])
  func `a route that leads nowhere is refused`(_ route: String, _ message: String) {
    let text = "listeners: { web: { address: \":80\" } }\n\nroutes: [ \(route) ]\n" + Self.two
    let brief = load(text).brief
    #expect(brief.count == 1 && brief[0].hasPrefix(message), "\(brief)")
  }

  @Test func `a mistake in an expression is shown where it stands`() {
    func brief(_ path: String) -> [String] {
      let route = "{ service: shop, match: { path: { regex: \(path) } } }"
      return load(
        "listeners: { web: { address: \":80\" } }\nroutes: [ \(route) ]\n" + Self.two
      ).brief.map { String($0.prefix { $0 != " " }) }
    }
    #expect(brief("'/a(b'") == ["2:55"])
    #expect(brief("/a**") == ["2:55"])
    #expect(brief("\"/\\x2fa(b\"") == ["2:52"])
  }

  @Test func `a route that another one leaves nothing for is a warning`() {
    let text = """
      listeners: { a: { address: ":80" }, b: { address: ":81" } }
      routes:
        - { name: all, match: { path: "/a/*" }, service: shop, priority: 1 }
        - { name: below, match: { host: x.y, path: "/a/b" }, service: orders }
        - { name: beside, match: { path: "/b" }, service: orders }
        - { name: more, match: { path: "/a/c/*", method: PUT }, service: orders }
        - { name: gets, match: { host: "*.z", method: [ GET, PUT ] }, service: orders, priority: 2 }
        - { name: put, match: { host: [ q.z, r.z ], path: "/a", method: PUT }, service: orders, priority: 1 }
        - { name: half, match: { host: [ q.z, q ], path: "/d", method: PUT }, service: orders, priority: 1 }
        - { name: names, match: { path: "/d/{e}" }, service: shop, listeners: [ a ], priority: 1 }
        - { name: named, match: { path: "/d/f" }, service: orders, listeners: [ a ] }
        - { name: elsewhere, match: { path: "/d/f" }, service: orders, listeners: [ b ] }
      """
    #expect(
      load(text + "\n" + Self.two).brief == [
        "4:5 no request ever comes to this route: 'all' takes all of them (that one is at a.yaml:3; change a match or a priority)",
        "6:5 no request ever comes to this route: 'all' takes all of them (that one is at a.yaml:3; change a match or a priority)",
        "8:5 no request ever comes to this route: 'gets' takes all of them (that one is at a.yaml:7; change a match or a priority)",
        "11:5 no request ever comes to this route: 'names' takes all of them (that one is at a.yaml:10; change a match or a priority)",
      ])
  }

  @Test func `a match in all its forms arrives`() throws {
    let text = """
      listeners: { web: { address: ":80" } }
      routes:
        - match:
            host: [ Shop.Example., "*.shop" ]
            path: "/users/{id}"
            method: GET
            headers: { X-Beta: 1, A: "b*" }
            query: { "a b": "*" }
            client: [ 10.0.0.0/8, "::1" ]
          split: { shop: 95, orders: 5 }
          splitKey: [ "cookie:sid", client-ip ]
      """
    let route = try #require(load(text + "\n" + Self.two).settings?.routes.first)
    #expect(route.match.hosts == [.exact(Array("shop.example".utf8)), .below(Array(".shop".utf8))])
    #expect(route.match.path.text == "/users/{id}" && route.match.path.captures == ["id"])
    let conditions = route.match.conditions
    #expect(conditions.methods == ["GET"])
    #expect(conditions.headers.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "x-beta"])
    #expect(conditions.headers.map(\.value.text) == ["b*", "1"])
    #expect(conditions.query == [.init(name: Array("a b".utf8), value: .present)])
    #expect(conditions.clients.map(\.description) == ["10.0.0.0/8", "::1"])
    let split = SplitSettings(
      parts: [.init(service: "shop", weight: 95), .init(service: "orders", weight: 5)],
      keys: [.cookie("sid"), .clientIP])
    #expect(route.action == .split(split) && route.name == "shop")
  }

  @Test func `misspelled sections are named`() {
    #expect(
      load(Golden.smallest + "listeneres: {}\n").brief == [
        "6:1 'listeneres' is no key of the configuration (did you mean 'listeners'?)"
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

  @Test func `a status page has an address of its own, and services that there are`() throws {
    #expect(
      refused(
        """
        listeners: { web: { address: ":80", service: shop } }
        admin: { statusPage: { address: "127.0.0.1:9900", services: [ shp ] } }
        """
      ).contains { $0.contains("there is no service 'shp'") })
    #expect(
      refused(
        """
        listeners: { web: { address: ":80", service: shop } }
        admin: { statusPage: { address: "127.0.0.1:9900" } }
        """
      ).contains { $0.contains("the status page and the admin API have the same address") })
    #expect(
      refused(
        """
        listeners: { web: { address: ":80", service: shop } }
        admin: { statusPage: { address: ":80" } }
        """
      ).contains { $0.contains("the listener 'web' and the status page have the same address") })
  }
}
