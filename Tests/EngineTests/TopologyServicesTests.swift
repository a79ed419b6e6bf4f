import Configuration
import Faults
import Primitives
import Testing
import Topology
import Wire

@testable import Engine

/// What a service's settings and conditions become in the topology.
struct TopologyServicesTests {
  private func address(_ port: UInt16) -> SocketAddress { .loopback(port: port) }
  private let shop = ServerName(service: "shop", server: "s1")
  private let spare = ServerName(service: "shop", server: "s2")

  private func input(
    zone: String? = nil, _ change: (inout ServiceSettings) -> Void = { _ in }
  ) -> TopologyInput {
    var service = ServiceSettings(
      name: "shop",
      servers: [
        ServerSettings(name: "s1", address: address(1), weight: 3, zone: "a"),
        ServerSettings(name: "s2", address: address(2), zone: "b", priority: 2),
        ServerSettings(name: "s3", address: address(3)),
      ])
    change(&service)
    return TopologyInput(settings: Settings(services: [service], zone: zone))
  }

  private func service(_ input: TopologyInput) -> Service {
    var identities = IdentityRegistry()
    return TopologyBuilder.build(version: 1, input, identities: &identities).services[0]
  }

  @Test func `what the file doesn't say is the topology's own default`() {
    let service = service(input())
    #expect(service.algorithm == .leastTime)
    #expect(service.stickiness == nil)
    #expect(service.ejection == EjectionPolicy())
    #expect(service.slowStart == .seconds(10))
    #expect(service.panicThreshold == 0.5)
    #expect(service.retries == RetryPolicy())
    #expect(service.timeouts == Timeouts())
    #expect(service.limits == Limits())
  }

  @Test(arguments: [
    (BalanceSettings.roundRobin, BalanceAlgorithm.roundRobin), (.random, .random),
    (.powerOfTwo, .powerOfTwo), (.leastConnections, .leastConnections), (.leastTime, .leastTime),
    (.aggregateLoad, .aggregateLoad), (.first, .first),
    (
      .hash(
        HashSettings(
          keys: [
            .clientIP, .clientPort, .host, .uri, .path, .header("x"), .cookie("c"), .query("q"),
            .time(.seconds(60)),
          ], method: .ring, boundedLoad: 1.25)),
      .hash(
        HashPolicy(
          keys: [
            .clientIP, .clientPort, .host, .uri, .path, .header([120]), .cookie([99]),
            .query([113]), .time(.seconds(60)),
          ], method: .ring, boundedLoad: 1.25))
    ),
    (.hash(HashSettings()), .hash(HashPolicy())),
    (.hash(HashSettings(method: .rendezvous)), .hash(HashPolicy(method: .rendezvous))),
  ])
  func `an algorithm arrives`(_ settings: BalanceSettings, _ algorithm: BalanceAlgorithm) {
    #expect(service(input { $0.balance = settings }).algorithm == algorithm)
  }

  @Test(arguments: [
    (StickySettings.inserted(cookie: "c", ttl: nil), Stickiness.inserted(cookie: [99], age: .zero)),
    (.inserted(cookie: "c", ttl: .hours(1)), .inserted(cookie: [99], age: .hours(1))),
    (.learned(cookie: "c", ttl: .minutes(1)), .learned(cookie: [99], expiry: .minutes(1))),
    (.source(ttl: .minutes(2)), .source(expiry: .minutes(2))),
  ])
  func `a session's keeping arrives`(_ settings: StickySettings, _ stickiness: Stickiness) {
    #expect(service(input { $0.sticky = settings }).stickiness == stickiness)
  }

  @Test func `only an inserted cookie needs a server's token`() {
    var inserted = input { $0.sticky = .inserted(cookie: "c", ttl: nil) }
    inserted.sessionToken = { Array("\($0)".utf8) }
    #expect(service(inserted).servers[0].stickyToken == Array("shop/s1".utf8))
    inserted.settings.services[0].sticky = .source(ttl: .minutes(1))
    #expect(service(inserted).servers.allSatisfy { $0.stickyToken.isEmpty })
  }

  @Test func `retries, limits and ejection arrive`() {
    let service = service(
      input {
        $0.retries = RetrySettings(
          attempts: 3, conditions: [.gatewayError, .grpcUnavailable], budget: 0.1,
          perTryTimeout: .seconds(1),
          hedge: .milliseconds(200))
        $0.limits = LimitSettings(connections: 1, requests: 2, queue: 3, isAdaptive: true)
        $0.ejection = EjectionSettings(failures: 1, longest: .seconds(60), maxShare: 0.2)
        $0.panic = 0.3
      })
    #expect(
      service.retries
        == RetryPolicy(
          attempts: 3, onConnectFailure: false, onReset: false, onGatewayError: true,
          onRefusedStream: false, onGRPC: GRPCStatusSet([.unavailable]), budget: 0.1,
          perTryTimeout: .seconds(1), hedgeAfter: .milliseconds(200)))
    #expect(
      service.limits == Limits(connections: 1, requests: 2, queue: 3, isAdaptive: true))
    #expect(
      service.ejection == EjectionPolicy(failures: 1, longest: .seconds(60), maxShare: 0.2))
    #expect(service.panicThreshold == 0.3)
  }

  @Test func `a server is near where its zone is this one, or where one of them isn't named`() {
    #expect(service(input()).servers.map(\.isLocal) == [true, true, true])
    #expect(service(input(zone: "a")).servers.map(\.isLocal) == [true, false, true])
    #expect(service(input()).servers.map(\.priority) == [0, 2, 0])
  }

  @Test func `an agent's share of the weight holds against the others' weights`() {
    var input = input()
    input.conditions[shop] = ServerCondition(agentWeight: 50)
    #expect(service(input).servers.map(\.weight) == [3, 2, 2])
    input.conditions[shop] = ServerCondition(agentWeight: 100)
    #expect(service(input).servers.map(\.weight) == [3, 1, 1])
    input.conditions[shop] = ServerCondition(weight: 1, agentWeight: 33)
    #expect(service(input).servers.map(\.weight) == [33, 100, 100])
    input.conditions[shop] = ServerCondition(agentWeight: 0)
    #expect(service(input).servers.map(\.weight) == [0, 1, 1])
    input.conditions[shop] = ServerCondition(agentWeight: -900)
    input.conditions[spare] = ServerCondition(agentWeight: .max)
    #expect(service(input).servers.map(\.weight) == [0, 1, 1])
  }

  @Test func `an agent that asks for no new work gets none, unless an operator said more`() {
    var input = input()
    input.conditions[shop] = ServerCondition(agentDrains: true)
    #expect(service(input).servers[0].availability == .draining)
    input.conditions[shop] = ServerCondition(availability: .maintenance, agentDrains: true)
    #expect(service(input).servers[0].availability == .maintenance)
  }

  @Test func `an agent without a check judges alone`() {
    let unwatched = service(input { $0.health = HealthSettings(check: .none) })
    #expect(unwatched.servers.allSatisfy { $0.health == .healthy })
    let agent = HealthSettings.Agent(port: 9999)
    let watched = service(input { $0.health = HealthSettings(check: .none, agent: agent) })
    #expect(watched.servers.allSatisfy { $0.health == .unknown })
  }

  @Test func `a slow start begins when the checks found the server healthy`() {
    var input = input()
    let now = Instant(nanoseconds: 5)
    input.conditions[shop] = ServerCondition(health: .healthy, healthySince: now)
    #expect(service(input).servers[0].healthySince == now)
    #expect(service(input).servers[1].healthySince == nil)
  }

  @Test func `where one server is active, no other takes work, also before that is decided`() {
    var input = input { $0.standby = StandbySettings() }
    #expect(service(input).servers.allSatisfy { $0.isStandby })
    input.conditions[spare] = ServerCondition(health: .healthy, isStandby: false)
    let service = service(input)
    #expect(service.servers.filter { $0.takesNewWork }.map(\.name) == ["s2"])
    #expect(service.servers.map(\.priority) == [0, 0, 0])
    #expect(service.algorithm == .first)
    #expect(service.slowStart == .zero)
  }

  @Test func `a service whose servers share the requests has no standbys`() {
    var input = input()
    input.conditions[shop] = ServerCondition(isStandby: true)
    #expect(!service(input).servers.contains { $0.isStandby })
  }
}
