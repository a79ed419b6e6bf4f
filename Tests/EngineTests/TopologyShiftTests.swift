import Configuration
import Faults
import Primitives
import Testing
import Topology

@testable import Engine

struct TopologyShiftTests {
  private func shop(
    _ shift: TrafficShift?, healthy: Set<String> = ["shop-1", "shop-2", "shop-3"]
  ) -> Service? {
    var shop = ServiceSettings(name: "shop")
    shop.balance = .leastConnections
    let names = ["shop-1", "shop-2", "shop-3"]
    var conditions: [ServerName: ServerCondition] = [:]
    for name in names {
      var condition = ServerCondition()
      condition.health = healthy.contains(name) ? .healthy : .unhealthy
      conditions[ServerName(service: "shop", server: name)] = condition
    }
    var input = TopologyInput(
      settings: Settings(services: [shop]), conditions: conditions,
      replicas: [
        "shop": names.enumerated().map {
          ReplicaServer(name: $0.element, address: .loopback(port: UInt16($0.offset + 1)))
        }
      ])
    if let shift { input.shifts["shop"] = shift }
    var identities = IdentityRegistry()
    return TopologyBuilder.build(version: 1, input, identities: &identities).services.first
  }

  @Test func `a shift marks the new servers and leaves algorithm and weights alone`() {
    let match = VersionMatch(.cookie([0x61]))
    let service = shop(TrafficShift(servers: ["shop-3"], share: 0.25, match: match))
    #expect(service?.servers.map(\.isNew) == [false, false, true])
    #expect(service?.servers.map(\.weight) == [1, 1, 1])
    #expect(service?.algorithm == .leastConnections)
    #expect(service?.shift?.share == 0.25 && service?.shift?.match == match)
  }

  @Test func `without a share the new ones are marked, and get what falls to them`() {
    let service = shop(TrafficShift(servers: ["shop-2"], share: nil))
    #expect(service?.servers.map(\.isNew) == [false, true, false])
    #expect(service?.shift == nil)
    #expect(shop(nil)?.shift == nil)
  }

  @Test func `a version without a healthy server has no share and no rule`() {
    let shift = TrafficShift(
      servers: ["shop-3"], share: 0.25, match: VersionMatch(.header([0x61])))
    let ill = shop(shift, healthy: ["shop-1"])
    #expect(ill?.shift?.share == 0 && ill?.shift?.match == nil)
    #expect(shop(shift, healthy: ["shop-3"])?.shift?.share == 1)
    #expect(shop(shift, healthy: [])?.shift?.share == 0.25)
  }
}
