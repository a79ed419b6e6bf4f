import Configuration
import Testing

/// Checks of services whose servers speak TLS.
@Suite struct SecureCheckTests {
  private func check(_ health: String) -> HealthSettings.Check? {
    service(
      """
      protocol: https
      servers: [ "10.0.0.1:443" ]
      tls: { ca: ca.pem, serverName: shop.internal, certificate: me.pem, key: me.key }
      health: \(health)
      """)?.health.check
  }

  private let own = CertificateSettings(certificate: "/srv/shop/me.pem", key: "/srv/shop/me.key")
  private var whole: HealthSettings.TLSCheck {
    .init(ca: "/srv/shop/ca.pem", serverName: "shop.internal", certificate: own)
  }

  @Test func `a check is as the service's requests in what it leaves out`() {
    #expect(check("{ http: { path: /ok } }") == .https(.init(path: "/ok"), whole))
    #expect(check("{ https: {} }") == .https(.init(), whole))
    #expect(check("{ tls: {} }") == .tls(whole))
    #expect(check("{}") == .tcp && check("{ none: {} }") == HealthSettings.Check.none)
  }

  @Test func `what it says itself holds`() {
    var other = whole
    other.ca = "/srv/shop/other.pem"
    other.serverName = "check.internal"
    #expect(
      check("{ https: { ca: other.pem, serverName: check.internal } }") == .https(.init(), other))
    #expect(
      check("{ tls: { verify: false } }")
        == .tls(.init(verify: false, serverName: "shop.internal", certificate: own)))
  }

  @Test func `without TLS a check is what it says`() {
    #expect(
      service("servers: [ \"10.0.0.1:80\" ]\nhealth: { https: {} }")?.health.check
        == .https(.init(), .init()))
  }
}
