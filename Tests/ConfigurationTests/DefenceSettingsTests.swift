import Primitives
import Testing

@testable import Configuration

@Suite struct DefenceSettingsTests {
  private func listener(_ text: String) -> (settings: ListenerSettings?, messages: [String]) {
    let outcome = load(
      """
      listeners: { web: { address: ":80", \(text) } }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }

      """)
    return (outcome.settings?.listeners.first, outcome.messages)
  }

  @Test func `a rate limit in short and several at once`() throws {
    let one = try #require(listener("rateLimit: { rate: 100/s }").settings?.rateLimits)
    #expect(one == [RateLimitSettings(count: 100, per: .seconds(1), burst: 100)])
    let several = try #require(
      listener(
        "rateLimit: [ { rate: 5/m, burst: 9, key: \"cookie:sid\" }, { rate: 1/h, key: all } ]"
      ).settings?.rateLimits)
    #expect(
      several == [
        RateLimitSettings(key: .cookie("sid"), count: 5, per: .minutes(1), burst: 9),
        RateLimitSettings(key: .all, count: 1, per: .hours(1), burst: 1),
      ])
  }

  @Test(arguments: [
    "100", "100/d", "0/s", "-1/s", "1000001/s", "/s", "1/s/s", "1.5/s", "99999999999999999999/s",
  ])
  func `what is no rate is refused`(_ rate: String) {
    #expect(
      listener("rateLimit: { rate: \"\(rate)\" }").messages == ["'rate': '\(rate)' is not a rate"])
  }

  @Test func `a key that is none is refused`() {
    for key in ["client-port", "query:a", "header", "header:", "x", "time:60s"] {
      #expect(listener("rateLimit: { rate: 1/s, key: \"\(key)\" }").messages.count == 1, "\(key)")
    }
  }

  @Test func `blocks of addresses are read, and stray bits are refused`() throws {
    let settings = try #require(listener("trustedProxies: [ 10.0.0.0/8, \"::1\" ]").settings)
    #expect(settings.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1"])
    #expect(listener("trustedProxies: [ 10.0.0.1/8 ]").messages.count == 1)
    #expect(
      load(
        "bans: [ nobody ]\nlisteners: { web: { address: \":80\" } }\nservices: { shop: { servers: [ \"10.0.0.1:80\" ] } }\n"
      ).messages.count == 1)
  }

  @Test func `without a word the defaults hold`() throws {
    let settings = try #require(listener("service: shop").settings)
    #expect(settings.limits == ListenerLimitSettings() && settings.rateLimits.isEmpty)
    #expect(settings.timeouts.head == .seconds(10) && settings.timeouts.idle == .seconds(75))
    #expect(settings.leastRate.body == 100 && settings.leastRate.grace == .seconds(10))
  }
}
