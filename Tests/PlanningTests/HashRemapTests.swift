import AdminAPI
import Configuration
import Planning
import Testing

@Suite struct HashRemapTests {
  private func service(_ servers: Int, _ method: String, key: String = "client-ip") -> String {
    let list = (1...servers).map { "{ name: s\($0), address: \"10.0.0.\($0):80\" }" }
    return """
      shop:
        servers: [ \(list.joined(separator: ", ")) ]
        balance: { algorithm: hash, key: [ "\(key)" ], method: \(method) }
      """
  }

  private func remapped(_ old: String, _ new: String) throws -> Double? {
    let (old, new) = (try shop(old), try shop(new))
    let plan = PlanQuestion(old: old, new: new, services: ["shop": picture(old)]).plan()
    return plan.services.first?.remappedKeys
  }

  @Test(arguments: ["ring", "rendezvous"])
  func `one of ten that goes moves its own keys alone`(method: String) throws {
    let share = try #require(try remapped(service(10, method), service(9, method)))
    #expect(abs(share - 0.1) < 0.03)
  }

  @Test func `Maglev moves little beyond`() throws {
    let share = try #require(try remapped(service(10, "maglev"), service(9, "maglev")))
    #expect(share >= 0.09 && share < 0.2, "\(share)")
  }

  @Test func `another key moves as many as luck has it, another algorithm says nothing`() throws {
    let share = try remapped(
      service(10, "maglev"), service(10, "maglev", key: "header:X-User"))
    #expect(try #require(share) > 0.85)
    #expect(try remapped(service(2, "maglev"), "shop:\n  servers: [ \"10.0.0.1:80\" ]") == nil)
  }

  @Test func `what changes no server moves no key`() throws {
    #expect(
      try remapped(service(10, "maglev"), service(10, "maglev") + "\n  panic: 10%") == 0)
  }
}
