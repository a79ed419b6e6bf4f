import Testing
import Topology

@Suite struct ServerNameTableTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func find(
    _ table: ServerNameTable, _ name: String, speaking protocols: [String] = []
  ) -> Int? {
    table.service(bytes(name)) { wanted in protocols.contains { bytes($0) == wanted } }
  }

  @Test func `the more exact name wins, and the default is the last`() {
    let table = ServerNameTable([
      .init(name: .any, priority: .min, service: 0),
      .init(name: .below(bytes("example.com")), service: 1),
      .init(name: .below(bytes("shop.example.com")), service: 2),
      .init(name: .exact(bytes("a.shop.example.com")), service: 3),
    ])
    #expect(find(table, "a.shop.example.com") == 3)
    #expect(find(table, "b.shop.example.com") == 2)
    #expect(find(table, "x.y.shop.example.com") == 2)
    #expect(find(table, "shop.example.com") == 1)
    #expect(find(table, "example.com") == 0)
    #expect(find(table, "") == 0)
    #expect(find(table, ".example.com") == 0)
  }

  @Test func `a priority comes before exactness, and who asks for a protocol before who doesn't`() {
    let table = ServerNameTable([
      .init(name: .exact(bytes("a")), service: 0),
      .init(name: .exact(bytes("a")), protocols: [bytes("h2"), bytes("h3")], service: 1),
      .init(name: .any, protocols: [bytes("acme-tls/1")], priority: 5, service: 2),
    ])
    #expect(find(table, "a") == 0)
    #expect(find(table, "a", speaking: ["http/1.1", "h3"]) == 1)
    #expect(find(table, "a", speaking: ["h2", "acme-tls/1"]) == 2)
    #expect(find(table, "b") == nil)
    #expect(find(ServerNameTable([]), "a") == nil)
  }
}
