import Configuration
import Primitives
import Testing
import Topology

@Suite struct SecuritySettingsTests {
  private func listener(_ keys: String) -> LoadOutcome {
    load(
      """
      listeners:
        web: { address: ":8443", \(keys) }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }
      """)
  }

  private static let pair = "certificates: [ { certificate: tls/shop.pem, key: /etc/shop.key } ]"

  @Test func `a listener's TLS is read, with paths beside the file`() throws {
    let text = """
      tls: { \(Self.pair), minVersion: "1.3", clientCA: ca.pem, clientCRL: crl.pem }, \
      hsts: { maxAge: 24h, includeSubdomains: true }
      """
    let outcome = listener(text)
    let web = try #require(outcome.settings?.listeners.first, "\(outcome.brief)")
    let tls = try #require(web.tls)
    #expect(
      tls.certificates == [
        CertificateSettings(certificate: "/srv/shop/tls/shop.pem", key: "/etc/shop.key")
      ])
    #expect(tls.minVersion == .v13 && !tls.isSelfSigned)
    #expect(tls.clientCA == "/srv/shop/ca.pem" && tls.clientCRL == "/srv/shop/crl.pem")
    #expect(tls.clientAuth == .require, "who names an authority wants it asked for")
    #expect(web.hsts?.maxAge == .hours(24) && web.hsts?.includesSubdomains == true)
    #expect(web.hsts?.preload == false && web.httpsRedirect == nil)
  }

  @Test func `without the keys there is no TLS, no redirect and no HSTS`() throws {
    let web = try #require(listener("protocol: http").settings?.listeners.first)
    #expect(web.tls == nil && web.httpsRedirect == nil && web.hsts == nil)
    let off = try #require(listener("redirectToHttps: false").settings?.listeners.first)
    #expect(off.httpsRedirect == nil)
  }

  @Test func `the redirect has a short and a long form`() throws {
    #expect(
      listener("redirectToHttps: true").settings?.listeners.first?.httpsRedirect?.port == 443)
    #expect(
      listener("redirectToHttps: { port: 8443 }").settings?.listeners.first?.httpsRedirect?.port
        == 8443)
  }

  @Test func `a client's certificate may be asked for without being needed`() throws {
    let text = "tls: { selfSigned: true, clientCA: ca.pem, clientAuth: request }"
    let tls = try #require(listener(text).settings?.listeners.first?.tls)
    #expect(tls.clientAuth == .request && tls.isSelfSigned && tls.certificates.isEmpty)
  }

  @Test(arguments: [
    ("{}", "max-age=31536000"), ("{ maxAge: 0s }", "max-age=0"),
    ("{ includeSubdomains: true, preload: true }", "max-age=31536000; includeSubDomains; preload"),
  ])
  func `HSTS is written as RFC 6797 has it`(_ keys: String, _ value: String) throws {
    let outcome = listener("tls: { selfSigned: true }, hsts: \(keys)")
    let hsts = try #require(outcome.settings?.listeners.first?.hsts, "\(outcome.brief)")
    #expect(hsts.line == "Strict-Transport-Security: \(value)\r\n")
  }

  @Test(arguments: [
    ("tls: {}", "the listener has no certificate"),
    ("tls: { selfSigned: false }", "the listener has no certificate"),
    ("tls: { certificate: a.pem }", "'certificate' is no key of the TLS of a listener"),
    ("tls: { certificates: [ { certificate: a.pem } ] }", "'key' is missing in a certificate"),
    (
      "tls: { certificates: [ { certificate: a, key: b }, { certificate: ./a, key: c } ] }",
      "the certificate './a' stands here twice"
    ),
    (
      "tls: { \(pair), minVersion: \"1.1\" }",
      "'minVersion' cannot be '1.1'"
    ),
    ("tls: { \(pair), clientAuth: require }", "'clientAuth: require' needs 'clientCA'"),
    ("tls: { \(pair), clientCRL: x.pem }", "'clientCRL' needs 'clientCA'"),
    (
      "tls: { \(pair), clientCA: x.pem, clientAuth: none }",
      "'clientCA' is of no use with 'clientAuth: none'"
    ),
    (
      "tls: { \(pair) }, redirectToHttps: true", "'redirectToHttps' is for listeners without TLS"
    ),
    ("redirectToHttps: true, service: shop", "'service' gets nothing beside 'redirectToHttps'"),
    ("hsts: {}", "'hsts' is for listeners with TLS: browsers ignore it elsewhere"),
    (
      "tls: { \(pair) }, hsts: { preload: true }",
      "'preload' needs 'includeSubdomains: true' and a 'maxAge' of a year"
    ),
  ])
  func `what cannot work is refused with its place`(_ keys: String, _ message: String) {
    let outcome = listener(keys)
    #expect(outcome.messages == [message], "\(outcome.brief)")
    #expect(outcome.diagnostics.allSatisfy { $0.line == 2 && $0.column > 8 })
  }

  @Test(arguments: ["tls: { selfSigned: true }", "redirectToHttps: true"])
  func `connections that are only carried have no TLS here`(_ keys: String) {
    let outcome = load(
      """
      listeners: { db: { address: ":5432", protocol: tcp, \(keys) } }
      services: { store: { protocol: tcp, servers: [ "10.0.0.1:5432" ] } }
      """)
    let key = keys.prefix { $0 != ":" }
    #expect(outcome.messages == ["'\(key)' is for 'protocol: http'"], "\(outcome.brief)")
  }

  // MARK: Servers

  @Test func `servers over TLS are verified unless the file says otherwise`() throws {
    let plain = try #require(service("protocol: https\nservers: [ \"10.0.0.1:443\" ]"))
    #expect(plain.tls == ServiceTLSSettings() && plain.tls?.verify == true)
    let text = """
      protocol: https
      servers: [ "10.0.0.1:443" ]
      tls: { ca: ca.pem, serverName: shop.internal, certificate: me.pem, key: me.key, minVersion: "1.3" }
      """
    let tls = try #require(service(text)?.tls)
    #expect(tls.ca == "/srv/shop/ca.pem" && tls.serverName == "shop.internal")
    #expect(
      tls.certificate
        == CertificateSettings(certificate: "/srv/shop/me.pem", key: "/srv/shop/me.key"))
    #expect(tls.minVersion == .v13)
    #expect(service("servers: [ \"10.0.0.1:80\" ]")?.tls == nil)
  }

  @Test func `a check of gRPC goes over TLS as the service's requests do`() throws {
    let text = """
      protocol: https2
      servers: [ "10.0.0.1:443" ]
      tls: { ca: ca.pem, serverName: shop.internal }
      health: { grpc: { service: shop.Orders } }
      """
    let found = try #require(service(text))
    #expect(found.protocol.isMultiplexed && found.protocol.usesTLS)
    let check = HealthSettings.TLSCheck(ca: "/srv/shop/ca.pem", serverName: "shop.internal")
    #expect(found.health.check == .grpc(service: "shop.Orders", check))
  }

  @Test func `who does not verify is told what it means`() {
    let outcome = load(
      serviceFile("protocol: https\nservers: [ \"10.0.0.1:443\" ]\ntls: { verify: false }"))
    #expect(outcome.settings != nil)
    #expect(outcome.messages.count == 1)
    #expect(outcome.messages.first?.contains("are not verified") == true)
  }

  @Test(arguments: [
    ("protocol: http\ntls: {}", "'tls' has no meaning with 'protocol: http'"),
    ("protocol: https\ntls: { certificate: a.pem }", "'certificate' needs 'key'"),
    ("protocol: https\ntls: { key: a.key }", "'key' needs 'certificate'"),
    ("protocol: https\ntls: { name: a }", "'name' is no key of the TLS of a service"),
    (
      "protocol: https\ntls: { serverName: \"a b\" }", "'serverName': 'a b' is not a host"
    ),
  ])
  func `what cannot work with servers is refused`(_ keys: String, _ message: String) {
    let outcome = load(serviceFile("servers: [ \"10.0.0.1:443\" ]\n\(keys)"))
    #expect(outcome.settings == nil)
    #expect(outcome.messages == [message], "\(outcome.brief)")
  }

  @Test func `https is HTTP to listeners, routes and mirrors`() throws {
    let outcome = load(
      """
      listeners: { web: { address: ":80" } }
      routes: [ { service: shop, mirror: { service: shadow } } ]
      services:
        shop: { protocol: https, servers: [ "10.0.0.1:443" ] }
        shadow: { protocol: https, servers: [ "10.0.0.2:443" ] }
      """)
    let settings = try #require(outcome.settings, "\(outcome.brief)")
    #expect(BalanceDecision(settings.services[0], servers: 2).balance == .leastTime)
  }
}
