import Faults
import Primitives
import Testing

/// Servers at machines, and a ledger that hears of them.
private struct Fleet {
  var ledger = FaultLedger(policy: FaultPolicy(quiet: .seconds(10)))
  var saved: [Int64: FaultRecord] = [:]
  var events: [EventRecord] = []
  var now = WallTime(milliseconds: 1_790_000_000_000)

  /// - Parameter places: `shop-1@10.0.0.1`, by service.
  init(_ places: [String: [String]]) {
    var servers: [String: Set<String>] = [:]
    var machines: [ServerName: String] = [:]
    for (service, all) in places {
      for place in all {
        let parts = place.split(separator: "@").map(String.init)
        servers[service, default: []].insert(parts[0])
        machines[ServerName(service: service, server: parts[0])] = parts[1]
      }
    }
    send(.topologyChanged(servers, machines: machines))
  }

  mutating func send(_ event: FaultLedger.Event, after seconds: Double = 0) {
    now.milliseconds += Int64(seconds * 1_000)
    let output = ledger.handle(event, now: now)
    for record in output.saves { saved[record.id] = record }
    events += output.events
  }

  mutating func kill(_ service: String, _ server: String, after seconds: Double = 0.01) {
    send(
      .replicaExited(
        ServerName(service: service, server: server), exit: "killed by signal 9 (SIGKILL)",
        others: 0), after: seconds)
  }

  mutating func fail(_ service: String, _ server: String, after seconds: Double = 0.2) {
    send(
      .serverUnhealthy(
        ServerName(service: service, server: server), cause: "timeout after 1s", began: now,
        others: 1), after: seconds)
  }

  mutating func heal(_ service: String, _ server: String, after seconds: Double = 0.1) {
    send(.serverHealthy(ServerName(service: service, server: server)), after: seconds)
  }

  var roots: [FaultRecord] { ledger.openRoots }

  func root() throws -> FaultRecord {
    try #require(roots.count == 1, "\(roots.map { ($0.id, $0.type, $0.cause) })")
    return roots[0]
  }
}

@Suite struct FaultFoldingTests {
  private static func names(_ count: Int, _ service: String, _ machine: String) -> [String] {
    (1...count).map { "\(service)-\($0)@\(machine)" }
  }

  @Test func `a machine with twenty replicas of two services is one fault, and one end`() throws {
    var fleet = Fleet([
      "shop": Self.names(12, "shop", "127.0.0.1"), "orders": Self.names(8, "orders", "127.0.0.1"),
    ])
    for number in 1...12 { fleet.kill("shop", "shop-\(number)") }
    fleet.send(.serviceDown("shop"))
    for number in 1...8 { fleet.kill("orders", "orders-\(number)") }
    fleet.send(.serviceDown("orders"))
    let root = try fleet.root()
    #expect(root.type == .machineDown && root.subject == "127.0.0.1" && root.service.isEmpty)
    #expect(root.servers.count == 20 && root.services == ["orders", "shop"])
    #expect(root.isOutage)
    #expect(
      root.cause
        == "20 servers at 127.0.0.1 failed within 190ms: killed by signal 9 (SIGKILL)")
    #expect(root.began == fleet.saved[1]?.began)
    #expect(fleet.ledger.troubleCount == 1 && fleet.ledger.troubles == [.machineDown: 1])
    // What was thought before the whole machine was known is a part of it.
    #expect(fleet.saved.values.allSatisfy { $0.id == root.id || $0.parent == root.id })

    for number in 1...12 { fleet.heal("shop", "shop-\(number)") }
    fleet.send(.serviceUp("shop"))
    fleet.send(.tick, after: 30)
    #expect(try fleet.root().resolved == nil, "eight are still gone")
    for number in 1...8 { fleet.heal("orders", "orders-\(number)") }
    fleet.send(.serviceUp("orders"))
    let healed = fleet.now
    #expect(try fleet.root().state == .recovering)
    #expect(fleet.ledger.troubleCount == 0)
    let before = fleet.events.count {
      $0.type == "fault-resolved" && $0.message.contains("servers at")
    }
    fleet.send(.tick, after: 10)
    #expect(fleet.roots.isEmpty && fleet.ledger.openCount == 0)
    let ends = fleet.events.filter {
      $0.type == "fault-resolved" && $0.message.contains("servers at")
    }
    #expect(before == 0 && ends.count == 1)
    #expect(fleet.saved[root.id]?.resolved == healed, "it ended when the cause went")
    #expect(fleet.saved.values.allSatisfy { $0.resolved != nil })
  }

  @Test func `a machine that is found dead by checks is one fault, also for those found later`()
    throws
  {
    var fleet = Fleet([
      "shop": ["a@10.0.0.1", "b@10.0.0.1", "c@10.0.0.2"], "orders": ["d@10.0.0.1"],
    ])
    fleet.fail("shop", "a")
    fleet.fail("shop", "b", after: 2)
    #expect(fleet.roots.count == 2, "one of the machine is well")
    fleet.fail("orders", "d", after: 5)
    let root = try fleet.root()
    #expect(root.type == .machineDown && root.beneath?.count == 3)
    fleet.heal("shop", "a")
    fleet.fail("shop", "a", after: 1)
    #expect(try fleet.root().beneath?.count == 3)
    #expect(try fleet.root().beneath?.contains { $0.returns == 1 } == true)
  }

  @Test func `servers of one machine that fail far apart are faults of their own`() {
    var fleet = Fleet(["shop": ["a@10.0.0.1"], "orders": ["b@10.0.0.1"]])
    fleet.fail("shop", "a")
    fleet.fail("orders", "b", after: 60)
    #expect(fleet.roots.count == 2)
  }

  @Test func `one that was down before is no part of what befalls its machine`() throws {
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.1", "c@10.0.0.1"]])
    fleet.fail("shop", "a")
    fleet.fail("shop", "b", after: 600)
    fleet.fail("shop", "c", after: 1)
    #expect(fleet.roots.map(\.type) == [.machineDown, .serverUnhealthy])
    #expect(fleet.roots.first?.servers.map(\.server) == ["b", "c"])
  }

  @Test func `all replicas of one service on the own machine are that service's fault`() throws {
    var fleet = Fleet(["shop": Self.names(4, "shop", "127.0.0.1")])
    for number in 1...4 { fleet.kill("shop", "shop-\(number)") }
    fleet.send(.serviceDown("shop"))
    let root = try fleet.root()
    #expect(root.type == .serviceDegraded && root.service == "shop")
    #expect(root.cause.hasPrefix("4 of 4 servers failed within"))
    #expect(root.beneath?.contains { $0.type == .serviceDown } == true)
  }

  @Test func `half of a service at once is one fault, less is not`() {
    var fleet = Fleet(["shop": (1...6).map { "s\($0)@10.0.0.\($0)" }])
    fleet.fail("shop", "s1")
    fleet.fail("shop", "s2")
    #expect(fleet.roots.count == 2)
    fleet.fail("shop", "s3")
    #expect(fleet.roots.map(\.type) == [.serviceDegraded])
    fleet.fail("shop", "s4", after: 120)
    #expect(fleet.roots.count == 1)
    #expect(fleet.roots.first?.cause.hasPrefix("4 of 6 servers failed") == true)
  }

  @Test func `a service that is down since its one server is has that as its cause`() throws {
    var fleet = Fleet(["shop": ["a@10.0.0.1"]])
    fleet.kill("shop", "a")
    fleet.send(.serviceDown("shop"))
    let root = try fleet.root()
    #expect(root.type == .replicaExited && root.isOutage)
    #expect(root.beneath?.map(\.type) == [.serviceDown])
  }

  @Test func `a service that is down for several reasons is what they are parts of`() throws {
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.2"]])
    fleet.fail("shop", "a")
    fleet.fail("shop", "b")
    fleet.send(.serviceDown("shop"))
    #expect(try fleet.root().type == .serviceDown)
    #expect(try fleet.root().servers.count == 2)
    fleet.heal("shop", "a")
    fleet.send(.serviceUp("shop"))
    fleet.send(.tick, after: 10)
    // The one that is not back is a fault of its own from here on.
    #expect(try fleet.root().server == "b" && fleet.root().parent == nil)
  }

  @Test func `a failover follows from the fault of the server that failed`() throws {
    var fleet = Fleet(["db": ["a@10.0.0.1", "b@10.0.0.2"]])
    fleet.fail("db", "a")
    fleet.send(.failoverBegan(ServerName(service: "db", server: "a"), cause: "checks failed"))
    #expect(try fleet.root().type == .serverUnhealthy)
    #expect(try fleet.root().beneath?.map(\.type) == [.failover])
    fleet.send(
      .serverActivated(
        ServerName(service: "db", server: "b"), epoch: 2, vacantFor: .seconds(1), detail: ""))
    #expect(try fleet.root().beneath?.first?.resolved == fleet.now)
  }

  @Test func `what new replicas did is the deployment's fault, which its end ends`() throws {
    var fleet = Fleet(["shop": ["old@127.0.0.1", "n1@127.0.0.1", "n2@127.0.0.1"]])
    for _ in 0..<2 { fleet.kill("shop", "n1") }
    fleet.send(
      .deploymentWentBack(
        service: "shop", name: "version 2", cause: "3 ends of new replicas", servers: ["n1", "n2"]))
    fleet.kill("shop", "n2")
    let root = try fleet.root()
    #expect(root.type == .deploymentFailed && root.subject == "version 2")
    #expect(root.servers.map(\.server) == ["n1", "n2"])
    #expect(root.began == fleet.saved[1]?.began)
    fleet.send(.topologyChanged(["shop": ["old"]]))
    fleet.send(.deploymentEnded(service: "shop", .rolledBack))
    #expect(fleet.roots.isEmpty && fleet.ledger.openCount == 0)
  }

  @Test func `a deployment that could not even be taken back lasts until one succeeds`() throws {
    var fleet = Fleet(["shop": ["a@127.0.0.1"]])
    fleet.send(.deploymentEnded(service: "shop", .failed(name: "version 2", cause: "no image")))
    #expect(try fleet.root().cause == "version 2: no image")
    fleet.send(.deploymentEnded(service: "shop", .succeeded), after: 60)
    #expect(fleet.roots.isEmpty)
  }

  @Test func `an ejection and the failed checks after it are one fault`() throws {
    let name = ServerName(service: "shop", server: "a")
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.2"]])
    fleet.send(.serverEjected(name, cause: "5 failures in a row", time: .seconds(10), others: 1))
    fleet.send(.serverEjected(name, cause: "5 failures in a row", time: .seconds(10), others: 1))
    #expect(try fleet.root().type == .serverEjected)
    #expect(try fleet.root().actions == ["traffic moved to 1 other server"])
    fleet.fail("shop", "a")
    #expect(try fleet.root().type == .serverUnhealthy)
    #expect(try fleet.root().cause == "5 failures in a row")
    fleet.send(.serverReadmitted(name))
    #expect(try fleet.root().state == .open, "its checks fail still")
    fleet.heal("shop", "a")
    fleet.send(.tick, after: 10)
    #expect(fleet.roots.isEmpty)
  }

  @Test func `an ejected server that nobody asks again is well after a while`() throws {
    let name = ServerName(service: "shop", server: "a")
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.2"]])
    fleet.send(.serverEjected(name, cause: "5 failures in a row", time: .seconds(10), others: 1))
    fleet.send(.tick, after: 39)
    #expect(try fleet.root().state == .open)
    fleet.send(.tick, after: 2)
    #expect(try fleet.root().state == .recovering)
  }

  @Test func `saturation and a burning budget follow from the fault of the service`() throws {
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.2"]])
    fleet.send(.saturationBegan(service: "shop", cause: "12 wanted, 10 may run"))
    #expect(try fleet.root().type == .saturation)
    fleet.send(.saturationEnded(service: "shop"))
    fleet.send(.tick, after: 10)
    fleet.fail("shop", "a")
    fleet.send(.burnBegan(service: "shop", objective: "availability", cause: "14.4 times too fast"))
    fleet.send(.burnBegan(service: "shop", objective: "availability", cause: "14.4 times too fast"))
    #expect(try fleet.root().beneath?.map(\.type) == [.sloBurn])
    fleet.heal("shop", "a")
    fleet.send(.tick, after: 10)
    #expect(try fleet.root().type == .sloBurn, "it goes on without its cause")
    fleet.send(.burnEnded(service: "shop", objective: "availability"))
    fleet.send(.tick, after: 10)
    #expect(fleet.roots.isEmpty)
  }

  @Test func `certificates near their end are faults until they are renewed`() throws {
    var fleet = Fleet([:])
    fleet.send(.certificatesNearEnd(["shop.pem": "shop.pem expires on Monday"]))
    fleet.send(.certificatesNearEnd(["shop.pem": "shop.pem expired on Monday"]))
    #expect(try fleet.root().cause == "shop.pem expired on Monday")
    #expect(try fleet.root().subject == "shop.pem")
    fleet.send(.certificatesNearEnd([:]))
    #expect(fleet.roots.isEmpty)
  }

  @Test func `two thousand servers of one machine stay one fault within the table`() throws {
    var fleet = Fleet([
      "shop": Self.names(1_000, "shop", "10.0.0.1"),
      "orders": Self.names(1_000, "orders", "10.0.0.1"),
    ])
    for number in 1...1_000 { fleet.kill("shop", "shop-\(number)", after: 0.001) }
    for number in 1...1_000 { fleet.kill("orders", "orders-\(number)", after: 0.001) }
    #expect(try fleet.root().servers.count == 2_000)
    #expect(fleet.ledger.openCount <= FaultLedger.openLimit)
  }

  @Test func `an engine that follows goes on with what hangs beneath what`() throws {
    var fleet = Fleet(["shop": ["a@10.0.0.1", "b@10.0.0.1"], "orders": ["c@10.0.0.1"]])
    for (service, server) in [("shop", "a"), ("shop", "b"), ("orders", "c")] {
      fleet.kill(service, server)
    }
    var next = fleet
    next.ledger = FaultLedger(
      highestFaultID: fleet.ledger.highestFaultID, policy: FaultPolicy(quiet: .seconds(10)))
    next.send(.restored(Array(fleet.saved.values)))
    #expect(try next.root() == fleet.root())
    for (service, server) in [("shop", "a"), ("shop", "b"), ("orders", "c")] {
      next.heal(service, server)
    }
    next.send(.tick, after: 10)
    #expect(next.roots.isEmpty && next.ledger.openCount == 0)
  }
}
