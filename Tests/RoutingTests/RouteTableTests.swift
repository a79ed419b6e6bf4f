import Primitives
import Testing
import Wire

@testable import Routing

@Suite struct RouteTableTests {
  private func taken(
    _ table: RouteTable, _ host: String = "shop", path: String = "/", method: String = "GET",
    fields: [String] = [], client: String = "10.0.0.1"
  ) throws -> Int? {
    let request = try TestRequest(method, host: host, path: path, fields: fields, client: client)
    let route = table.route(of: request)
    #expect(route == table.naiveRoute(of: request))
    return route
  }

  @Test(arguments: [
    ("shop.example", true), ("SHOP.Example", true), ("shop.exampl", false),
    ("shop.example2", false), ("xshop.example", false), ("shop-example", false),
    ("shop.example.", true), ("shop.example:80", true), ("Shop.EXAMPLE.:8080", true),
    ("shop.example..", false), ("a.shop.example", false),
  ])
  func `a host matches in any case, with any port and a final dot`(
    host: String, isTaken: Bool
  ) throws {
    let table = RouteTable((match("shop.example"), 0))
    #expect(try taken(table, host) == (isTaken ? 0 : nil))
  }

  @Test(arguments: [
    ("a.example.com", true), ("A.b.EXAMPLE.com", true), ("example.com", false),
    ("aexample.com", false), (".example.com", false), ("a.example.com.", true),
    ("a.example.com:1", true), ("a.example.com.evil", false), ("a.example", false),
  ])
  func `a wildcard takes one label or more before its suffix`(host: String, isTaken: Bool) throws {
    let table = RouteTable((match("*.example.com"), 0))
    #expect(try taken(table, host) == (isTaken ? 0 : nil))
  }

  @Test func `a route takes any of its hosts, each in its own place`() throws {
    let table = RouteTable(
      (match("*.b.com", "a.com"), 0), (match("x.b.com"), 0), (match("*.com"), 0), (match(), 0))
    #expect(try taken(table, "a.com") == 0)
    #expect(try taken(table, "y.b.com") == 0)
    #expect(try taken(table, "x.b.com") == 1)
    #expect(try taken(table, "c.com") == 2)
    #expect(try taken(table, "c.org") == 3)
  }

  @Test func `a prefix takes itself and what is below it`() throws {
    let table = RouteTable((match(path: "/api/*"), 0))
    for path in ["/api", "/api/", "/api/x", "/api/x/y/", "/api?q", "/api/?q=/"] {
      #expect(try taken(table, path: path) == 0)
    }
    for path in ["/apix", "/ap", "/", "/x/api/"] { #expect(try taken(table, path: path) == nil) }
  }

  @Test func `an exact path tells a final slash`() throws {
    let table = RouteTable((match(path: "/a"), 0), (match(path: "/b/"), 0), (match(path: "/"), 0))
    #expect(try taken(table, path: "/a") == 0)
    #expect(try taken(table, path: "/a/") == nil)
    #expect(try taken(table, path: "/b") == nil)
    #expect(try taken(table, path: "/b/") == 1)
    #expect(try taken(table, path: "/") == 2)
    #expect(try taken(table, path: "http://shop") == 2)
    #expect(try taken(table, path: "http://shop?q") == 2)
  }

  @Test func `a name stands for a whole segment that is not empty`() throws {
    let table = RouteTable(
      (match(path: "/users/{id}/orders"), 0), (match(path: "/users/{id}"), 0),
      (match(path: "/users/{id}/files/*"), 0), (match(path: "/users/me"), 0))
    #expect(try taken(table, path: "/users/7/orders") == 0)
    #expect(try taken(table, path: "/users/7") == 1)
    #expect(try taken(table, path: "/users/") == nil)
    #expect(try taken(table, path: "/users/7/") == nil)
    #expect(try taken(table, path: "/users/7/files") == 2)
    #expect(try taken(table, path: "/users/7/files/a/b") == 2)
    #expect(try taken(table, path: "/users/me") == 3)
    #expect(try taken(table, path: "/users/me/orders") == 0)
  }

  @Test func `the more specific path wins, whatever the order of the file`() throws {
    let expression = RouteMatch(path: .expression(try PathExpression("/a/b[0-9]*")))
    let table = RouteTable(
      (match(), 0), (match(path: "/a/*"), 0), (match(path: "/a/{x}/*"), 0),
      (match(path: "/a/b/*"), 0), (expression, 0), (match(path: "/a/{x}"), 0),
      (match(path: "/a/b"), 0))
    #expect(try taken(table, path: "/a/b") == 6)
    #expect(try taken(table, path: "/a/c") == 5)
    #expect(try taken(table, path: "/a/b7") == 5)
    #expect(try taken(table, path: "/a/b/c") == 3)
    #expect(try taken(table, path: "/a/c/d") == 2)
    #expect(try taken(table, path: "/a") == 1)
    #expect(try taken(table, path: "/") == 0)
    let plain = RouteTable((match(path: "/a/*"), 0), (expression, 0))
    #expect(try taken(plain, path: "/a/b7") == 1)
  }

  @Test func `priority goes before everything, also over hosts`() throws {
    let table = RouteTable((match("shop", path: "/a"), 0), (match(), 1), (match("shop"), -1))
    #expect(try taken(table, path: "/a") == 1)
  }

  @Test func `more conditions go first among equals, then the order of the file`() throws {
    let get = RequestConditions(methods: ["GET"])
    var both = get
    both.headers = [.init(name: Array("x-a".utf8), value: .present)]
    let table = RouteTable(
      (match(), 0), (match(conditions: get), 0), (match(conditions: both), 0),
      (match(conditions: get), 0))
    #expect(try taken(table, fields: ["X-A: 1"]) == 2)
    #expect(try taken(table) == 1)
    #expect(try taken(table, method: "POST") == 0)
  }

  @Test func `methods are told apart by their letters`() throws {
    let table = RouteTable(
      (match(conditions: RequestConditions(methods: ["GET", "PROPFIND"])), 0))
    #expect(try taken(table) == 0)
    #expect(try taken(table, method: "PROPFIND") == 0)
    #expect(try taken(table, method: "HEAD") == nil)
    #expect(try taken(table, method: "get") == nil)
  }

  @Test(arguments: [
    (["X-Beta: 1"], true), (["x-beta:1"], true), (["X-Beta: 0"], false), ([], false),
    (["X-Beta: 0", "X-Beta: 1"], true), (["X-Beta: 1", "X-Beta: 0"], true),
    (["X-Beta: 0, 1"], true), (["X-Beta: 10"], false), (["X-Betas: 1"], false),
  ])
  func `each value of a header is looked at`(fields: [String], isTaken: Bool) throws {
    let field = RequestConditions.Field(name: Array("x-beta".utf8), value: ValuePattern("1"))
    let table = RouteTable((match(conditions: RequestConditions(headers: [field])), 0))
    #expect(try taken(table, fields: fields) == (isTaken ? 0 : nil))
  }

  @Test func `a value may be any, or any with a beginning`() throws {
    let any = RequestConditions.Field(name: Array("x-a".utf8), value: ValuePattern("*"))
    let front = RequestConditions.Field(name: Array("x-a".utf8), value: ValuePattern("ab*"))
    let table = RouteTable(
      (match(path: "/any", conditions: RequestConditions(headers: [any])), 0),
      (match(path: "/front", conditions: RequestConditions(headers: [front])), 0))
    #expect(try taken(table, path: "/any", fields: ["X-A:"]) == 0)
    #expect(try taken(table, path: "/any") == nil)
    #expect(try taken(table, path: "/front", fields: ["X-A: abc"]) == 1)
    #expect(try taken(table, path: "/front", fields: ["X-A: a"]) == nil)
  }

  @Test(arguments: [
    ("/?v=2", true), ("/?a=1&v=2&b", true), ("/?v=1&v=2", true), ("/?v=%32", true),
    ("/?%76=2", true), ("/?v=22", false), ("/?vv=2", false), ("/?v", false), ("/v=2", false),
    ("/", false), ("/?v=2%", false),
  ])
  func `parameters are compared decoded, each of them`(path: String, isTaken: Bool) throws {
    let field = RequestConditions.Field(name: Array("v".utf8), value: ValuePattern("2"))
    let table = RouteTable((match(conditions: RequestConditions(query: [field])), 0))
    #expect(try taken(table, path: path) == (isTaken ? 0 : nil))
  }

  @Test func `clients are told by the block that they come from`() throws {
    let blocks = [try AddressBlock("10.0.0.0/8"), try AddressBlock("2001:db8::/32")]
    let table = RouteTable((match(conditions: RequestConditions(clients: blocks)), 0))
    #expect(try taken(table, client: "10.2.3.4") == 0)
    #expect(try taken(table, client: "::ffff:10.2.3.4") == 0)
    #expect(try taken(table, client: "2001:db8::1") == 0)
    #expect(try taken(table, client: "11.0.0.1") == nil)
  }

  @Test func `clients are told by the subject of their certificate`() throws {
    func conditions(_ subjects: String...) -> RequestConditions {
      RequestConditions(subjects: subjects.map { ValuePattern($0) })
    }
    let table = RouteTable(
      (match(conditions: conditions("CN=shop-*", "CN=admin")), 2),
      (match(conditions: conditions("*")), 1), (match(), 0))
    let request = try TestRequest()
    func taken(_ subject: String) -> Int? {
      table.route(
        for: request.head, request.bytes.span, client: request.client, subject: Array(subject.utf8))
    }
    #expect(taken("CN=shop-1") == 0 && taken("CN=admin") == 0)
    #expect(taken("CN=admin2") == 1 && taken("cn=admin") == 1)
    #expect(taken("") == 2 && table.route(of: request) == 2)
    #expect(conditions("*").follow(from: conditions("CN=a")))
    #expect(!conditions("CN=a").follow(from: conditions("*")))
    #expect(!conditions("CN=a").follow(from: RequestConditions()))
  }

  @Test func `the asterisk is below no path`() throws {
    let table = RouteTable((match(path: "/a/*"), 1), (match(path: "/{x}"), 1), (match(), 0))
    #expect(try taken(table, path: "*", method: "OPTIONS") == 2)
  }

  @Test func `what a server would read as another path is matched as that`() throws {
    let table = RouteTable((match(path: "/admin/*"), 0), (match(), 0))
    for path in ["/x/../admin/", "//admin//x", "/%61dmin/x", "/./admin", "/x/%2e%2E/admin/y"] {
      #expect(try taken(table, path: path) == 0, "\(path)")
    }
  }
}
