import Configuration
import Faults
import Outbound
import Primitives
import Testing

@testable import Engine

struct CheckOverTLSTests {
  private func target(
    _ address: String, _ check: HealthSettings.Check, timeout: TimeSpan = .seconds(1)
  ) throws -> CheckTarget {
    CheckTarget(
      name: ServerName(service: "shop", server: "a"),
      address: try #require(SocketAddress(address)), check: check, timeout: timeout)
  }

  @Test(arguments: [
    ("10.0.0.1:8443", nil, nil, "https://10.0.0.1:8443/ok", "10.0.0.1:8443"),
    ("10.0.0.1:8443", "shop.example", nil, "https://shop.example:8443/ok", "shop.example"),
    ("10.0.0.1:8443", "shop.example:99", nil, "https://shop.example:8443/ok", "shop.example:99"),
    ("10.0.0.1:8443", nil, "inner", "https://inner:8443/ok", "inner"),
    ("10.0.0.1:8443", "outer", "inner", "https://inner:8443/ok", "outer"),
    ("[::1]:8443", nil, nil, "https://[::1]:8443/ok", "[::1]:8443"),
    ("[::1]:8443", "[::2]:1", nil, "https://[::2]:8443/ok", "[::2]:1"),
  ])
  func `the name of the certificate and the Host header can be told apart`(
    _ address: String, _ host: String?, _ serverName: String?, _ url: String, _ header: String
  ) throws {
    let check = HealthSettings.Check.https(
      .init(path: "/ok", host: host), .init(ca: "/ca.pem", serverName: serverName))
    let probe = try #require(try target(address, check).probe)
    #expect(probe.request.url == url)
    #expect(probe.request.connectTo == address)
    #expect(probe.request.headers.first == OutboundHeader("Host", header))
    #expect(probe.request.trust == OutboundTrust(authorities: "/ca.pem"))
    #expect(probe.goal == .head)
  }

  @Test func `the body is read only when it matters, and a tls check asks for nothing`() throws {
    let body = HealthSettings.Check.https(.init(body: "fine"), .init(verify: false))
    let probe = try #require(try target("10.0.0.1:1", body, timeout: .milliseconds(70)).probe)
    #expect(probe.goal == .body && !probe.request.trust.verify)
    #expect(probe.request.timeoutMilliseconds == 70)
    #expect(try target("10.0.0.1:1", .tls(.init())).probe?.goal == .connection)
    #expect(try target("10.0.0.1:1", .tls(.init())).expectation == nil)
    #expect(try target("10.0.0.1:1", .tcp).probe == nil)
    let path = try #require(try target("unix:/run/a.sock", .tls(.init())).probe)
    #expect(path.request.unixSocket == "/run/a.sock" && path.request.connectTo == nil)
  }
}
