import Primitives
import Testing

@testable import Engine

struct AdminGuardTests {
  private func request(
    _ host: String?, origin: String? = nil, method: String = "GET", site: String? = nil,
    unix: Bool = false
  ) -> AdminRequest {
    AdminRequest(
      method: method, segments: [], host: host, origin: origin, fetchSite: site,
      peer: unix ? AdminPeer(user: 0) : AdminPeer(address: .loopback(port: 51_234)))
  }

  private let local = AdminGuard(address: .loopback(port: 9900))

  @Test(arguments: [
    "localhost", "LOCALHOST:9900", "127.0.0.1:9900", "[::1]:9900", "[::1]", "localhost.:1",
  ])
  func `a request under a name of ours passes`(_ host: String) {
    #expect(local.refusal(request(host)) == nil)
  }

  @Test(arguments: [
    "evil.example", "evil.example:9900", "localhost.evil.example", "10.0.0.1", "127.0.0.1.nip.io",
    "[::2]",
  ])
  func `a request under a foreign name is refused`(_ host: String) {
    #expect(local.refusal(request(host)) != nil)
  }

  @Test func `a request without a host is refused, but not over the unix socket`() {
    #expect(local.refusal(request(nil)) != nil)
    #expect(local.refusal(request(nil, unix: true)) == nil)
    #expect(local.refusal(request("whatever", unix: true)) == nil)
  }

  @Test func `a listener that is open to others answers under addresses, not under names`() throws {
    let open = AdminGuard(address: try #require(SocketAddress(":9900")))
    #expect(open.refusal(request("10.0.0.1:9900")) == nil)
    #expect(open.refusal(request("[2001:db8::1]:9900")) == nil)
    #expect(open.refusal(request("evil.example")) != nil)
    let one = AdminGuard(address: try #require(SocketAddress("10.0.0.1:9900")))
    #expect(one.refusal(request("10.0.0.1:9900")) == nil)
    #expect(one.refusal(request("10.0.0.2:9900")) != nil)
  }

  @Test func `a page of another origin is refused, whatever it asks for`() {
    for origin in ["http://evil.example", "null", "http://127.0.0.1:8080", "http://localhost:9900"]
    {
      #expect(local.refusal(request("127.0.0.1:9900", origin: origin)) != nil, "\(origin)")
    }
    #expect(local.refusal(request("127.0.0.1:9900", origin: "http://127.0.0.1:9900")) == nil)
    #expect(local.refusal(request("localhost", origin: "http://localhost", unix: true)) != nil)
  }

  @Test func `a change that another site began is refused also without an origin`() {
    let host = "127.0.0.1:9900"
    #expect(local.refusal(request(host, method: "POST", site: "cross-site")) != nil)
    #expect(local.refusal(request(host, method: "POST", site: "same-origin")) == nil)
    #expect(local.refusal(request(host, method: "POST")) == nil)
    #expect(local.refusal(request(host, site: "cross-site")) == nil)
  }
}
