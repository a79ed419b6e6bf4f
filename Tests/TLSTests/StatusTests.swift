import CSSL
import Primitives
import TLS
import Testing

/// Answers of a responder, as OpenSSL itself makes them.
@Suite struct StatusTests {
  private let authority = TestAuthority()

  private func withChain(_ issued: TestAuthority.Issued, _ more: [UInt8]) throws -> TLSIdentity {
    try TLSIdentity(
      certificate: issued.certificate + more, key: issued.key, source: "shop.pem",
      keySource: "shop.key", now: .testNow)
  }

  private func refusal(_ identity: TLSIdentity, _ answer: [UInt8]) -> String? {
    do throws(TLSProblem) {
      _ = try identity.status(answer)
      return nil
    } catch { return error.detail }
  }

  @Test func `a good answer is taken, with its times`() throws {
    let issued = authority.issue("shop.example")
    let identity = try withChain(issued, authority.certificate)
    #expect(identity.statusRequest?.isEmpty == false)
    let answer = authority.status(
      of: issued, Int32(V_OCSP_CERTSTATUS_GOOD), begins: -60, ends: 3_600)
    let status = try identity.status(answer)
    #expect(status.answer == answer)
    #expect(status.nextUpdate.map { $0 - status.thisUpdate } == .seconds(3_660))
    #expect(try identity.status(authority.status(of: issued, 0, begins: -60)).nextUpdate == nil)
  }

  @Test func `any other is refused, each for its reason`() throws {
    let issued = authority.issue("shop.example")
    let identity = try withChain(issued, authority.certificate)
    func told(_ status: Int32, begins: Int = -60, ends: Int = 3_600) -> String? {
      refusal(identity, authority.status(of: issued, status, begins: begins, ends: ends))
    }
    #expect(told(Int32(V_OCSP_CERTSTATUS_REVOKED)) == "the responder says that it was revoked")
    #expect(told(Int32(V_OCSP_CERTSTATUS_UNKNOWN)) == "the responder does not know it")
    #expect(told(0, begins: -7_200, ends: -3_600) == "the answer is not of now")
    #expect(told(0, begins: 3_600, ends: 7_200) == "the answer is not of now")
    let other = authority.issue("other.example")
    #expect(
      refusal(identity, authority.status(of: other, 0, begins: -60))
        == "the answer is about another certificate")
    let stranger = TestAuthority()
    let good = authority.status(of: issued, 0, begins: -60)
    #expect(
      refusal(identity, stranger.status(of: issued, 0, begins: -60))
        == "the answer is not signed by its issuer")
    for count in [0, 1, 10, good.count - 1] {
      #expect(refusal(identity, Array(good.prefix(count))) == "the answer can't be read")
    }
    #expect(
      refusal(identity, [UInt8](repeating: 0, count: 70_000)) == "the answer is too large")
  }

  @Test func `without its issuer's certificate nothing can be asked`() throws {
    let issued = authority.issue("shop.example")
    #expect(try withChain(issued, []).statusRequest == nil)
    #expect(try withChain(issued, TestAuthority("Other").certificate).statusRequest == nil)
  }
}
