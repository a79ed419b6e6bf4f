import AdminAPI
import Configuration
import Planning
import Primitives
import Testing
import Topology

@Suite struct PlanTests {
  private static let four = """
    shop:
      servers:
        - { name: a, address: 10.0.0.1:80 }
        - { name: b, address: 10.0.0.2:80 }
        - { name: c, address: 10.0.0.3:80 }
        - { name: d, address: 10.0.0.4:80 }
    """

  private func plan(
    _ old: String, _ new: String, _ change: (inout ServicePicture) -> Void = { _ in }
  ) throws -> ServicePlan {
    let (old, new) = (try shop(old), try shop(new))
    var picture = picture(old)
    change(&picture)
    let plan = PlanQuestion(old: old, new: new, services: ["shop": picture]).plan()
    return try #require(plan.services.first)
  }

  @Test func `the same configuration changes nothing`() throws {
    let one = try shop(Self.four)
    let plan = PlanQuestion(old: one, new: one, services: ["shop": picture(one)]).plan()
    #expect(plan == ChangePlan())
  }

  @Test func `a server that goes is missing at once, a new one counts after its first check`()
    throws
  {
    let new = Self.four.replacing("10.0.0.4", with: "10.0.0.9")
    let service = try plan(Self.four, new) { picture in
      picture.servers[3].connections = 7
      picture.servers[3].inflight = 2
      picture.servers[3].sessions = 5
    }
    #expect(service.ready == .init(now: 4, lowest: 3, after: 4))
    #expect(
      service.leaving == .init(servers: ["d"], connections: 7, requests: 2, sessions: 5))
  }

  @Test func `servers that nobody checks take work at once`() throws {
    let none = "\n  health: { none: {} }"
    let new = Self.four.replacing("10.0.0.4", with: "10.0.0.9")
    #expect(
      try plan(Self.four + none, new + none).ready == .init(now: 4, lowest: 4, after: 4))
  }

  @Test func `weight 0, a drain by an operator and a failed check are no capacity`() throws {
    let new = Self.four.replacing("10.0.0.1:80", with: "10.0.0.1:80, weight: 0")
    let service = try plan(Self.four, new) { picture in
      picture.servers[1].availability = .draining
      picture.servers[2].health = .unhealthy
    }
    #expect(service.ready.now == 2)
    #expect(service.ready.lowest == 1)
  }

  @Test func `limits say what a server can take, and the fewest are held against the load`() throws
  {
    let limits = "\n  limits: { requests: 10 }"
    let new = Self.four.replacing("10.0.0.4", with: "10.0.0.9")
    let enough = try plan(Self.four + limits, new + limits) {
      $0.inflight = 30
      $0.requestsPerSecond = 100
    }
    #expect(enough.capacity.basis == "limits")
    #expect(enough.capacity.lowest == 30)
    #expect(enough.capacity.verdict == .enough)
    #expect(enough.capacity.verdictAfterLoss == .short, "one fewer takes 20")
    let short = try plan(Self.four + limits, new + limits) { $0.inflight = 31 }
    #expect(short.capacity.verdict == .short)
  }

  @Test func `a limit that follows latency counts as it is now`() throws {
    let limits = "\n  limits: { adaptive: true, requests: 50 }"
    let service = try plan(Self.four + limits, Self.four + limits + "\n  panic: 10%") { picture in
      for place in picture.servers.indices { picture.servers[place].concurrencyLimit = 20 + place }
      picture.inflight = 10
    }
    #expect(service.capacity.basis == "adaptive-limit")
    #expect(service.capacity.perServer == 21.5)
  }

  @Test func `without limits only what was seen is known, and nothing is made up`() throws {
    let new = Self.four.replacing("10.0.0.4", with: "10.0.0.9")
    let unknown = try plan(Self.four, new) { $0.requestsPerSecond = 50 }
    #expect(unknown.capacity.verdict == .unknown)
    #expect(unknown.capacity.perServer == nil)
    let seen = try plan(Self.four, new) {
      $0.requestsPerSecond = 50
      $0.peakPerServer = 20
    }
    #expect(seen.capacity.basis == "measured-peak")
    #expect(seen.capacity.verdict == .enough, "3 servers carried 60")
    let unproven = try plan(Self.four, new) {
      $0.requestsPerSecond = 70
      $0.peakPerServer = 20
    }
    #expect(unproven.capacity.verdict == .unproven)
  }

  @Test func `strict refuses what is short or was never seen, and nothing else`() throws {
    let (old, new) = (
      try shop(Self.four), try shop(Self.four.replacing("10.0.0.4", with: "10.0.0.9"))
    )
    func isRefused(_ load: Double, peak: Double?) -> Bool {
      var picture = picture(old)
      picture.requestsPerSecond = load
      picture.peakPerServer = peak
      return PlanQuestion(old: old, new: new, services: ["shop": picture]).plan().isUnderCapacity
    }
    #expect(!isRefused(0, peak: nil))
    #expect(!isRefused(50, peak: nil), "what is not known is said, and refuses nothing")
    #expect(!isRefused(50, peak: 20))
    #expect(isRefused(70, peak: 20))
  }

  @Test func `replicas are rolled out without one missing, and end at the wanted number`() throws {
    let run = { (version: Int, count: Int) in
      "shop:\n  run: { command: [ ./shop ], replicas: \(count), version: v\(version) }"
    }
    let service = try plan(run(1, 5), run(2, 3)) { picture in
      picture.servers = replicas(5)
      picture.replicas = (5, 3)
      picture.isReplaced = true
    }
    #expect(service.rollout == "rolling")
    #expect(service.ready == .init(now: 5, lowest: 3, after: 3))
    #expect(service.leaving.servers.count == 5)
    let scaled = try plan(run(1, 5), run(1, 3)) { picture in
      picture.servers = replicas(5)
      picture.replicas = (5, 3)
    }
    #expect(scaled.rollout == nil)
    #expect(scaled.leaving.servers == ["shop-4", "shop-5"])
  }

  @Test func `a replica that is replaced is another server to every key`() throws {
    let run = { (version: Int, count: Int) in
      "shop:\n  balance: { algorithm: hash, key: uri, method: ring }\n"
        + "  run: { command: [ ./shop ], replicas: \(count), version: v\(version) }"
    }
    // As a deployment left them.
    let names = ["shop-1", "shop-4", "shop-5"]
    let three = replicas(5).filter { names.contains($0.name) }
    let replaced = try plan(run(1, 3), run(2, 3)) { picture in
      picture.servers = three
      picture.replicas = (3, 3)
      picture.isReplaced = true
    }
    #expect(replaced.remappedKeys == 1)
    let grown = try plan(run(1, 3), run(1, 4)) { picture in
      picture.servers = three
      picture.replicas = (3, 4)
    }
    // The fourth is shop-2, and takes its quarter.
    let moved = try #require(grown.remappedKeys)
    #expect(abs(moved - 0.25) < 0.05, "\(moved)")
    let fewer = try plan(run(1, 3), run(1, 2)) { picture in
      picture.servers = three
      picture.replicas = (3, 2)
    }
    #expect(fewer.leaving.servers == ["shop-5"])
  }

  @Test(arguments: [
    ("{ maxSurge: 0, maxUnavailable: 2 }", "rolling", 3), ("{ maxUnavailable: 50% }", "rolling", 3),
    ("{ strategy: blue-green }", "blue-green", 5), ("{ strategy: canary }", "canary", 5),
  ])
  func `how replicas are deployed says how few there may be`(
    _ deploy: String, _ name: String, _ lowest: Int
  ) throws {
    let run = { (version: Int) in
      "shop:\n  run: { command: [ ./shop ], replicas: 5, version: v\(version) }\n  deploy: \(deploy)"
    }
    let service = try plan(run(1), run(2)) { picture in
      picture.servers = replicas(5)
      picture.replicas = (5, 5)
      picture.isReplaced = true
    }
    #expect(service.rollout == name)
    #expect(service.ready == .init(now: 5, lowest: lowest, after: 5))
  }

  @Test func `a service that goes with load on it is a danger`() throws {
    let two = Self.four + "\ncart:\n  servers: [ \"10.0.1.1:80\" ]"
    let (old, new) = (try shop(two), try shop(Self.four))
    var cart = picture(old, of: "cart")
    cart.requestsPerSecond = 3
    let plan = PlanQuestion(old: old, new: new, services: ["cart": cart]).plan()
    #expect(plan.risks.contains { $0.severity == .danger && $0.service == "cart" })
    #expect(plan.services.first?.ready == .init(now: 1, lowest: 0, after: 0))
  }

  @Test func `listeners open, move and close with their connections`() throws {
    let text = """
      listeners:
        web: { address: ":8080" }
        old: { address: ":8081" }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }

      """
    let other = text.replacing(":8080", with: ":9090").replacing(
      "old: { address: \":8081\" }", with: "new: { address: \":8082\" }")
    let plan = PlanQuestion(
      old: try version(text), new: try version(other), connections: ["web": 3, "old": 2]
    ).plan()
    #expect(
      plan.listeners.map { "\($0.name) \($0.change) \($0.connections)" } == [
        "web moves 3", "new opens 0", "old closes 2",
      ])
  }
}
