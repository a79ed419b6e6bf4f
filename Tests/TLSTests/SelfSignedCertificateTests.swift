import Primitives
import TLS
import Testing

@Suite struct SelfSignedCertificateTests {
  @Test func `it is for its names and addresses, and good for as long as was asked`() throws {
    let made = try SelfSignedCertificate(
      names: ["localhost", "*.shop.example", "127.0.0.1", "::1"], seconds: 86_400)
    let identity = try TLSIdentity(
      certificate: made.certificate, key: made.key, source: "web.pem", keySource: "web.key",
      now: .testNow)
    #expect(
      Set(identity.names) == ["localhost", "*.shop.example", "127.0.0.1", "::1"])
    #expect(identity.keyKind == .ellipticCurve(bits: 256))
    #expect(identity.subject == identity.issuer && identity.warnings.isEmpty)
    let rest = identity.notAfter - .testNow
    #expect(rest > .hours(23) && rest <= .hours(24))
  }

  @Test func `no two are the same`() throws {
    let (one, other) = try (
      SelfSignedCertificate(names: ["a"], seconds: 60),
      SelfSignedCertificate(names: ["a"], seconds: 60)
    )
    #expect(one.certificate != other.certificate && one.key != other.key)
  }

  @Test func `a client that believes it gets through`() throws {
    let made = try SelfSignedCertificate(names: ["shop.example"], seconds: 86_400)
    let identity = try TLSIdentity(
      certificate: made.certificate, key: made.key, source: "web.pem", keySource: "web.key",
      now: .testNow)
    var options = TLSClientOptions()
    options.verification = .authorities(
      try TLSAuthorities(certificates: made.certificate, source: "web.pem", now: .testNow))
    let pair = try SessionPair(
      TLSServerContext(TLSServerOptions(identities: [identity], protocols: [])),
      TLSClientContext(options), name: "shop.example")
    #expect(pair.shakeHands(), "\(pair.client.failureText)")
  }
}
