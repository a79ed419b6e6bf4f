import Balancing
import Primitives
import Testing
import Topology

@Suite struct SessionTokenTests {
  private func service(_ tokens: [[UInt8]]) -> Service {
    let servers = tokens.enumerated().map { index, token in
      Server(
        id: ServerID(10 + index), name: "s\(index)", address: .loopback(port: 1),
        stickyToken: token)
    }
    return Service(id: ServiceID(0), name: "s", algorithm: .roundRobin, servers: servers)
  }

  private func find(_ tokens: SessionTokens, _ bytes: [UInt8]) -> Int? {
    let all = [1, 2] + bytes + [3]
    return tokens.server(all.span, 2..<(2 + bytes.count))
  }

  @Test(arguments: [0, 1, 2, 3, 5, 100, 1_000])
  func `each server is found by its token, and by nothing else`(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let texts = (0..<count).map { _ in
      (0..<24).map { _ in UInt8(ascii: "A") + UInt8(random.below(26)) }
    }
    let tokens = SessionTokens(service(texts))
    #expect(tokens.isEmpty == (count == 0))
    for (index, text) in texts.enumerated() {
      #expect(find(tokens, text) == 10 + index)
      #expect(tokens.token(ofServer: 10 + index) == text)
      #expect(find(tokens, Array(text.dropLast())) == nil)
      #expect(find(tokens, text + [65]) == nil)
      #expect(find(tokens, text.dropLast() + [text[23] ^ 1]) == nil)
    }
    #expect(find(tokens, []) == nil)
    #expect(tokens.token(ofServer: 9) == nil)
  }

  @Test func `servers without a token have no cookie`() {
    let tokens = SessionTokens(service([[], Array("a".utf8), []]))
    #expect(find(tokens, []) == nil)
    #expect(find(tokens, Array("a".utf8)) == 11)
    #expect(tokens.token(ofServer: 10) == nil)
  }

  @Test func `tokens that begin alike are told apart`() {
    let tokens = SessionTokens(service((0..<50).map { Array("same-start-\($0)".utf8) }))
    for index in 0..<50 { #expect(find(tokens, Array("same-start-\(index)".utf8)) == 10 + index) }
  }
}
