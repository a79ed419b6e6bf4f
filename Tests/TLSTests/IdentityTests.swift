import Primitives
import TLS
import Testing

@Suite struct IdentityTests {
  private let authority = TestAuthority()

  private func problem(_ certificate: [UInt8], _ key: [UInt8]) -> String? {
    do throws(TLSProblem) {
      _ = try TLSIdentity(
        certificate: certificate, key: key, source: "shop.pem", keySource: "shop.key",
        now: .testNow)
      return nil
    } catch { return error.description }
  }

  @Test func `a certificate tells its facts`() throws {
    let issued = authority.issue(
      .init(
        names: ["Shop.example", "*.shop.example"], commonName: "shop",
        responder: "http://127.0.0.1:1/ocsp"))
    let identity = try issued.identity()
    #expect(identity.names == ["shop.example", "*.shop.example"])
    #expect(identity.subject == "CN=shop" && identity.issuer == "CN=Test Authority")
    #expect(identity.serial == "02" && identity.fingerprint.utf8.count == 64)
    #expect(identity.keyKind == .ellipticCurve(bits: 256))
    #expect(identity.responder == "http://127.0.0.1:1/ocsp")
    let span = identity.notAfter - identity.notBefore
    #expect(span == .seconds(90_000))
    #expect(identity.warnings.isEmpty)
  }

  @Test func `what is wrong is told, and nothing of the key`() throws {
    let (one, other) = (authority.issue("one.example"), authority.issue("other.example"))
    #expect(
      problem(one.certificate, other.key)
        == "shop.key: the key does not belong to the certificate in shop.pem (CN=one.example)")
    #expect(problem([], one.key) == "shop.pem: has no certificate in PEM")
    #expect(problem(one.key, one.key) == "shop.pem: has no certificate in PEM")
    #expect(problem(one.certificate, one.certificate) == "shop.key: has no private key in PEM")
    #expect(problem(one.certificate, []) == "shop.key: has no private key in PEM")
    var damaged = one.certificate
    damaged[100] = UInt8(ascii: "!")
    #expect(
      problem(damaged, one.key)?.hasPrefix("shop.pem: certificate number 1 can't be read") == true)
    let encrypted = Array(
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi0
      -----END ENCRYPTED PRIVATE KEY-----

      """.utf8)
    #expect(problem(one.certificate, encrypted)?.hasPrefix("shop.key: the key") == true)
    #expect("\(try one.identity())" == "test.pem (CN=one.example)")
  }

  @Test func `weak keys are refused`() throws {
    let weak = authority.issue(.init(names: ["weak.example"], kind: .rsa(bits: 1_024)))
    #expect(
      problem(weak.certificate, weak.key)
        == "shop.key: an RSA key of 1024 bits is too weak; 2048 is the least")
    let strong = authority.issue(.init(names: ["strong.example"], kind: .rsa(bits: 2_048)))
    #expect(try strong.identity().keyKind == .rsa(bits: 2_048))
  }

  @Test func `one that has expired, or is not in order, is taken with a warning`() throws {
    let expired = try authority.issue(
      .init(names: ["old.example"], begins: -7_200, ends: -3_600)
    ).identity()
    #expect(expired.warnings.first?.detail.hasPrefix("expired on 20") == true)
    let early = try authority.issue(.init(names: ["new.example"], begins: 3_600)).identity()
    #expect(early.warnings.first?.detail.hasPrefix("is not valid before 20") == true)
    let (one, stranger) = (authority.issue("one.example"), TestAuthority("Other").issue("other"))
    let mixed = try TLSIdentity(
      certificate: one.certificate + stranger.certificate, key: one.key, source: "mixed.pem",
      keySource: "mixed.key", now: .testNow)
    #expect(
      mixed.warnings.map(\.description) == [
        "mixed.pem: the chain is not in order: CN=other did not issue CN=one.example"
      ])
  }

  @Test func `authorities must be there`() throws {
    #expect(throws: TLSProblem(source: "ca.pem", detail: "has no certificate in PEM")) {
      try TLSAuthorities(certificates: [], source: "ca.pem", now: .testNow)
    }
    #expect(throws: TLSProblem(source: "crl.pem", detail: "has no revocation list in PEM")) {
      try TLSAuthorities(
        certificates: authority.certificate, source: "ca.pem",
        revocations: [(authority.certificate, "crl.pem")], now: .testNow)
    }
  }
}
