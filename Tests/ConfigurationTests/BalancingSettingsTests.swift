import Configuration
import Primitives
import Testing

struct BalancingSettingsTests {
  private func settings(_ body: String) -> ServiceSettings? {
    service("servers: [ 10.0.0.1:80, 10.0.0.2:80 ]\n" + body)
  }

  private func messages(_ body: String) -> [String] {
    load(serviceFile("servers: [ 10.0.0.1:80, 10.0.0.2:80 ]\n" + body)).brief
  }

  @Test(arguments: BalanceSettings.all)
  func `an algorithm has a short form and a long one`(_ balance: BalanceSettings) {
    #expect(settings("balance: \(balance.name)")?.balance == balance)
    #expect(settings("balance: { algorithm: \(balance.name) }")?.balance == balance)
  }

  @Test(arguments: [
    ("client-ip", RequestKeySettings.clientIP), ("client-port", .clientPort), ("host", .host),
    ("uri", .uri), ("path", .path), ("\"header:X-Forwarded-For\"", .header("x-forwarded-for")),
    ("\"cookie:Sid\"", .cookie("Sid")), ("\"query:user[id]\"", .query("user[id]")),
    ("\"query:a:b\"", .query("a:b")), ("\"time:90s\"", .time(.seconds(90))),
  ])
  func `a hash takes one key or a list`(_ text: String, _ key: RequestKeySettings) {
    let one = settings("balance: { algorithm: hash, key: \(text) }")?.balance
    #expect(one == .hash(HashSettings(keys: [key])))
    let two = settings("balance: { algorithm: hash, key: [ \(text), path ] }")?.balance
    #expect(two == .hash(HashSettings(keys: [key, .path])))
  }

  @Test(arguments: [
    (
      "balance: roundrobin",
      """
      6:14 'balance' cannot be 'roundrobin' (did you mean 'round-robin'? The values are \
      round-robin, random, power-of-two, least-connections, least-time, aggregate-load, first, hash)
      """
    ),
    (
      "balance: { algorithm: first, key: path }",
      """
      6:34 'key' is for 'algorithm: hash', not for 'first' \
      (remove it, or write 'algorithm: hash')
      """
    ),
    (
      "balance: { algorithm: random, method: ring }",
      """
      6:35 'method' is for 'algorithm: hash', not for 'random' \
      (remove it, or write 'algorithm: hash')
      """
    ),
    (
      "balance: { key: path }",
      "6:14 'algorithm' is missing in the balancing (for example 'algorithm: hash')"
    ),
    (
      "balance: { algorithm: hash, key: client_ip }",
      "6:38 'key': 'client_ip' is no part of a request (did you mean 'client-ip'?)"
    ),
    (
      "balance: { algorithm: hash, key: [ path, header ] }",
      "6:46 an item of 'key': 'header' does not say which (write 'header:NAME')"
    ),
    (
      "balance: { algorithm: hash, key: \"time:fast\" }",
      "6:38 'key': 'time:fast' has no span of time (write 'time:60s')"
    ),
    (
      "balance: { algorithm: hash, boundedLoad: 50% }",
      "6:46 'boundedLoad' must be a share from 100% to 1000%, not '50%' (write a share such as 100%)"
    ),
    (
      "sticky: {}",
      """
      6:13 the stickiness has neither 'cookie' nor 'source' \
      (write 'cookie: BALLAST_NAME', or 'source: client-ip')
      """
    ),
    (
      "sticky: { cookie: \"a b\" }",
      """
      6:23 'cookie': 'a b' is not a cookie's name \
      (it has 1 to 64 letters, digits and characters such as '-' and '_')
      """
    ),
    (
      "sticky: { source: client-ip, insert: false }",
      "6:34 'insert' is for a cookie (remove it, or write 'cookie: NAME' instead of 'source')"
    ),
    (
      "sticky: { cookie: a, source: client-ip }",
      "6:26 the stickiness has 'cookie' and 'source', which exclude one another (keep one of them)"
    ),
    (
      "ejection: { time: 10s, longest: 5s }",
      """
      6:28 the longest ejection, 5s, is shorter than the first, 10s \
      (write 'longest: 10s' or more)
      """
    ),
    (
      "health: { https: { verify: false, ca: x.pem } }",
      """
      6:39 'ca' is of no use with 'verify: false' \
      (remove 'verify: false'; with the right 'ca' the certificate is good)
      """
    ),
    (
      "sticky: { source: client-ip }\nbalance: hash",
      """
      6:5 with 'sticky', the hash decides for a client's first request only \
      (keep one of them, unless you mean just that)
      """
    ),
  ])
  func `what does not go together is said`(_ body: String, _ message: String) {
    #expect(messages(body) == [message])
  }

  @Test(arguments: [
    "\"header:\"", "\"header:a b\"", "\"cookie:a=b\"", "\"query:\"", "\"query:a&b\"",
    "\"query:ü\"", "\"time:0s\"", "\"time:9999999h\"", "\"\"", "\":\"", "\"x:y\"", "\"cookie\"",
  ])
  func `a key that no request has is refused`(_ key: String) {
    let messages = messages("balance: { algorithm: hash, key: \(key) }")
    #expect(messages.count == 1)
    #expect(messages.first?.hasPrefix("6:38 'key': ") == true, "\(messages)")
  }

  @Test func `a session's time depends on who remembers it`() {
    #expect(settings("sticky: { cookie: c }")?.sticky == .inserted(cookie: "c", ttl: nil))
    #expect(
      settings("sticky: { cookie: c, insert: false }")?.sticky
        == .learned(cookie: "c", ttl: .minutes(30)))
    #expect(settings("sticky: { source: client-ip }")?.sticky == .source(ttl: .minutes(30)))
    #expect(
      settings("sticky: { source: client-ip, ttl: 2m }")?.sticky == .source(ttl: .minutes(2)))
  }

  @Test func `a long first ejection is the longest as well`() {
    #expect(settings("ejection: { time: 10m }")?.ejection.longest == .minutes(10))
    let off = settings("ejection: { failures: 0, successRate: 0% }")?.ejection
    #expect(off == EjectionSettings(failures: 0, successRate: 0))
  }

  @Test func `the default follows the fleet and the protocol, and says why`() {
    var service = ServiceSettings(name: "shop")
    let several = BalanceDecision(service, servers: 3)
    #expect(several.balance == .leastTime)
    #expect(several.reason.hasPrefix("the default for HTTP: peak EWMA over two choices"))
    #expect(BalanceDecision(service, servers: 1).reason.contains("nothing to choose"))
    service.protocol = .tcp
    #expect(BalanceDecision(service, servers: 3).balance == .leastConnections)
    service.balance = .random
    #expect(BalanceDecision(service, servers: 3).balance == .random)
    #expect(BalanceDecision(service, servers: 3).reason == "the configuration names it")
    service.standby = StandbySettings()
    #expect(BalanceDecision(service, servers: 3).balance == .first)
  }
}
