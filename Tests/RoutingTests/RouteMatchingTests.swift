import Routing
import Testing
import Topology

@Suite struct RouteMatchingTests {
  private func route(_ host: String?, _ path: Route.Path) -> Route {
    Route(id: RouteID(0), name: "r", host: host.map { Array($0.utf8) }, path: path, service: 0)
  }

  private func prefix(_ text: String) -> Route.Path { .prefix(Array(text.utf8)) }

  private func exact(_ text: String) -> Route.Path { .exact(Array(text.utf8)) }

  /// The route that takes a request, over bytes in which host and path stand among others.
  private func match(_ routes: [Route], order: [Int]? = nil, host: String, path: String) -> Int? {
    let snapshot = TopologySnapshot(
      version: 1,
      listeners: [
        Listener(id: ListenerID(0), name: "none", routes: []),
        Listener(id: ListenerID(1), name: "web", routes: order ?? Array(routes.indices)),
      ], routes: routes, services: [])
    let bytes = Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n".utf8)
    let pathEnd = 4 + path.utf8.count
    let hostStart = pathEnd + 17
    let hostRange = hostStart..<(hostStart + host.utf8.count)
    let other = snapshot.route(listener: 0, bytes.span, host: hostRange, path: 4..<pathEnd)
    #expect(other == nil)
    return snapshot.route(listener: 1, bytes.span, host: hostRange, path: 4..<pathEnd)
  }

  @Test(arguments: [
    ("shop.example", true), ("SHOP.Example", true), ("shop.exampl", false),
    ("shop.example2", false), ("xshop.example", false), ("", false), ("shop-example", false),
    // The same bytes but for bit 5, which tells cases of letters apart, and of letters only.
    ("shop\u{E}example", false),
  ])
  func `a host matches in any case and whole`(host: String, isTaken: Bool) {
    #expect(match([route("shop.example", .any)], host: host, path: "/") == (isTaken ? 0 : nil))
  }

  @Test func `a byte that folds onto a letter only by its bits is no letter`() {
    #expect(match([route("a{b", .any)], host: "A{B", path: "/") == 0)
    #expect(match([route("a{b", .any)], host: "a[b", path: "/") == nil)
    #expect(match([route("a`b", .any)], host: "a@b", path: "/") == nil)
  }

  @Test func `a route without a host takes every host and none`() {
    for host in ["", "a", "B.c"] { #expect(match([route(nil, .any)], host: host, path: "/") == 0) }
  }

  @Test(arguments: [
    ("/a", true), ("/A", false), ("/a/", false), ("/", false), ("/ab", false), ("", false),
  ])
  func `an exact path matches itself, with case`(path: String, isTaken: Bool) {
    #expect(match([route(nil, exact("/a"))], host: "h", path: path) == (isTaken ? 0 : nil))
  }

  @Test(arguments: [
    ("/api/", true), ("/api/x", true), ("/api/x/y", true), ("/api", true), ("/apix", false),
    ("/ap", false), ("/API/x", false), ("/", false), ("", false), ("*", false), ("/apj", false),
  ])
  func `a prefix takes all below it and itself without the slash`(path: String, isTaken: Bool) {
    #expect(match([route(nil, prefix("/api/"))], host: "h", path: path) == (isTaken ? 0 : nil))
  }

  @Test func `the root prefix takes every path, also an empty one`() {
    for path in ["/", "/x", ""] {
      #expect(match([route(nil, prefix("/"))], host: "h", path: path) == 0)
    }
    #expect(match([route(nil, prefix("/"))], host: "h", path: "*") == nil)
  }

  @Test func `the first route in the listener's order wins`() {
    let routes = [
      route(nil, .any), route(nil, prefix("/a/")), route("h", exact("/a/b")), route("h", .any),
    ]
    #expect(match(routes, host: "h", path: "/a/b") == 0)
    #expect(match(routes, order: [2, 1, 3, 0], host: "H", path: "/a/b") == 2)
    #expect(match(routes, order: [2, 1, 3, 0], host: "h", path: "/a/c") == 1)
    #expect(match(routes, order: [2, 1, 3, 0], host: "h", path: "/c") == 3)
    #expect(match(routes, order: [2, 1, 3, 0], host: "x", path: "/c") == 0)
    #expect(match(routes, order: [2, 3], host: "x", path: "/c") == nil)
  }

  @Test(arguments: [
    ("h", "/a/x", Route.Mismatch?.none), ("i", "/a/x", .host), ("h", "/b", .path),
    ("i", "/b", .host),
  ])
  func `a route tells what keeps it from a request`(
    host: String, path: String, expected: Route.Mismatch?
  ) {
    let bytes = Array((host + path).utf8)
    let got = route("h", prefix("/a/")).mismatch(
      bytes.span, host: 0..<host.utf8.count, path: host.utf8.count..<bytes.count)
    #expect(got == expected)
  }
}
