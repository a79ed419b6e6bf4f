import Primitives
import Testing
import Wire

@testable import Routing

/// Tables against the rules asked one by one.
@Suite struct RandomRoutesTests {
  private struct Dice {
    var random: SeededRandom

    mutating func pick<Element>(_ from: [Element]) -> Element {
      from[Int(random.next() % UInt64(from.count))]
    }

    mutating func comes(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

    mutating func segments(_ names: [String], most: UInt64) -> String {
      (0..<(random.next() % (most + 1))).map { _ in "/" + pick(names) }.joined()
    }
  }

  private static let hosts = ["a", "b.a", "c.b.a", "*.a", "*.b.a", "a.a", "*.c"]
  private static let words = ["x", "y", "users", "a-name-of-more-than-eight-bytes", "exactly8"]

  private static func randomMatch(_ dice: inout Dice) throws -> RouteMatch {
    var match = RouteMatch()
    if dice.comes(60) { match.hosts = [HostPattern(dice.pick(hosts))] }
    if dice.comes(10) { match.hosts.append(HostPattern(dice.pick(hosts))) }
    switch dice.random.next() % 6 {
    case 0: break
    case 1: match.path = PathPattern(dice.segments(words, most: 3) + dice.pick(["/x", "/"]))
    case 2: match.path = PathPattern(dice.segments(words, most: 3) + "/*")
    case 3, 4:
      let names = words + ["{n}", "{n}"]
      match.path = PathPattern("/{m}" + dice.segments(names, most: 2) + dice.pick(["", "/*", "/"]))
    default:
      match.path = .expression(
        try PathExpression(dice.pick(["/x/.*", ".*", "/(x|y)/?", "/users/[a-z]*/x", "/x+"])))
    }
    if dice.comes(20) { match.conditions.methods = [dice.pick(["GET", "POST"])] }
    if dice.comes(20) {
      match.conditions.headers = [
        .init(name: Array("x-a".utf8), value: ValuePattern(dice.pick(["1", "2", "*"])))
      ]
    }
    return match
  }

  private static func request(_ dice: inout Dice) throws -> TestRequest {
    try TestRequest(
      dice.pick(["GET", "POST"]), host: dice.pick(["a", "b.a", "c.b.a", "d.c.b.a", "z.c", "q"]),
      path: dice.segments(words + ["z"], most: 5) + dice.pick(["/x", "/", "/xx", "/users/x"]),
      fields: dice.comes(40) ? ["X-A: \(dice.pick(["1", "2", "3"]))"] : [])
  }

  @Test(arguments: 1...60) func `a table finds what asking one by one finds`(seed: UInt64) throws {
    var dice = Dice(random: SeededRandom(seed: seed))
    let count = Int(1 + dice.random.next() % 40)
    let routes = try (0..<count).map { _ in
      (match: try Self.randomMatch(&dice), priority: dice.comes(15) ? 1 : 0)
    }
    let table = RouteTable(RouteOrder.rules(routes))
    var hits = 0
    for _ in 0..<200 {
      let request = try Self.request(&dice)
      let found = table.route(of: request)
      let expected = table.naiveRoute(of: request)
      #expect(found == expected, "seed \(seed): \(request.path)")
      hits += found == nil ? 0 : 1
    }
    #expect(hits > 0, "seed \(seed)")
  }

  @Test func `ten thousand hosts are told apart`() throws {
    let routes = (0..<10_000).map { number in
      (match: match("shop-\(number).example.com"), priority: 0)
    }
    let table = RouteTable(RouteOrder.rules(routes))
    for number in [0, 1, 4_711, 9_999] {
      let request = try TestRequest(host: "SHOP-\(number).example.com:80", path: "/x")
      #expect(table.route(of: request) == number)
    }
    #expect(table.route(of: try TestRequest(host: "shop-10000.example.com")) == nil)
  }
}
