import Deployment
import Primitives
import Testing

@Suite struct ReplicaSetMachineTests {
  /// A world with `count` ready replicas of v1.
  private func settled(_ count: Int) -> ReplicaWorld {
    let world = ReplicaWorld()
    world.configure("v1", count)
    world.advance(.minutes(11))
    #expect(world.machine.ready == count)
    world.log = []
    world.fewestReady = .max
    return world
  }

  private func actions(_ world: ReplicaWorld) -> [String] {
    world.log.filter { !$0.contains(" note ") }.map {
      $0.split(separator: " ").dropFirst().joined(separator: " ")
    }
  }

  @Test func `replicas start at once and become ready when they are healthy`() {
    let world = ReplicaWorld()
    world.configure("v1", 3)
    #expect(world.log == ["0.0 start shop-1 v1", "0.0 start shop-2 v1", "0.0 start shop-3 v1"])
    #expect(world.machine.replicas.map(\.state) == [.starting, .starting, .starting])
    world.advance(.seconds(2))
    #expect(world.machine.replicas.map(\.state) == [.ready, .ready, .ready])
    #expect(world.machine.replicas.map(\.pid) == [101, 102, 103])
    #expect(world.broken.isEmpty)
  }

  @Test func `a replica that ends is started again at once, and later each time`() {
    let world = settled(1)
    for _ in 0..<4 {
      world.crash("shop-1")
      // Ready for more than 10 s each time: it ends often, but it is no crash loop.
      world.advance(.seconds(30))
    }
    let starts = world.log.filter { $0.contains("start shop-1") && !$0.contains("note") }
    #expect(
      starts == [
        "660.0 start shop-1 v1", "691.0 start shop-1 v1", "722.0 start shop-1 v1",
        "754.0 start shop-1 v1",
      ])
    #expect(world.machine.replicas[0].restarts == 4)
    #expect(world.machine.replicas[0].lastExit == "killed by SIGKILL")
    world.advance(.minutes(10))
    world.crash("shop-1")
    #expect(world.log.last?.hasSuffix("start shop-1 v1") == true)
  }

  @Test func `the backoff doubles to a minute`() {
    let world = ReplicaWorld()
    var policy = ReplicaPolicy()
    policy.crashLoopExits = 100
    world.machine = DeploymentMachine(service: "shop", policy: policy)
    world.configure("missing", 1)
    world.advance(.minutes(5))
    let seconds = world.log.filter { $0.contains(" start ") && !$0.contains("note") }
      .compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }
    let waits = zip(seconds.dropFirst(), seconds).map { $0 - $1 }
    #expect(waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  }

  @Test func `five exits without a ready spell are a crash loop, tried every minute`() {
    let world = ReplicaWorld()
    world.configure("crash", 1)
    world.advance(.seconds(60))
    #expect(world.machine.replicas.map(\.state) == [.crashLoop])
    #expect(world.notes.filter { $0.contains("held back") }.count == 1)
    let before = actions(world).count
    world.advance(.minutes(10))
    #expect((9...10).contains(actions(world).count - before))
    world.configure("v2", 1)
    world.advance(.seconds(2))
    #expect(world.machine.replicas.map(\.state) == [.ready])
    #expect(world.broken.isEmpty)
  }

  @Test func `a restart replaces one by one, an extra one first`() {
    let world = settled(2)
    world.restart()
    world.advance(.minutes(1))
    #expect(
      actions(world) == [
        "start shop-3 v1+1", "drain shop-1", "start shop-4 v1+1", "stop shop-1", "drain shop-2",
        "stop shop-2",
      ])
    #expect(world.fewestReady == 2)
    #expect(world.machine.running == 2)
    #expect(world.machine.replicas.map(\.restarts) == [0, 0])
    #expect(world.results == [.succeeded])
  }

  @Test func `scaling down takes the highest numbers, drained first`() {
    let world = settled(4)
    world.send(.scaled(count: 2))
    #expect(actions(world) == ["drain shop-4", "drain shop-3"])
    world.advance(.seconds(5))
    #expect(Set(actions(world).suffix(2)) == ["stop shop-3", "stop shop-4"])
    #expect(Set(world.processes.keys) == ["shop-1", "shop-2"])
    world.send(.scaled(count: 3))
    world.advance(.seconds(5))
    #expect(world.machine.ready == 3)
    world.send(.scaled(count: 0))
    world.advance(.minutes(1))
    #expect(world.machine.replicas.isEmpty && world.processes.isEmpty)
    world.send(.scaled(count: -7))
    world.send(.scaled(count: .max))
    #expect(world.machine.count == ReplicaPolicy.mostReplicas)
  }

  @Test func `of more than are wanted those go first that are not ready`() {
    let world = settled(3)
    world.crash("shop-1")
    world.advance(.milliseconds(500))
    world.send(.scaled(count: 2))
    #expect(actions(world) == ["start shop-1 v1", "stop shop-1"])
    world.advance(.seconds(5))
    #expect(Set(world.processes.keys) == ["shop-2", "shop-3"])
    #expect(world.fewestReady == 2)
  }

  @Test func `a drain that does not end is ended by its deadline`() {
    let world = settled(1)
    world.hang("shop-1")
    world.send(.scaled(count: 0))
    world.advance(.seconds(29))
    #expect(actions(world) == ["drain shop-1"])
    world.advance(.seconds(1))
    #expect(actions(world) == ["drain shop-1", "stop shop-1"])
  }

  @Test func `a hung replica is killed after 30 s, and others only once its successor is ready`() {
    let world = settled(3)
    world.hang("shop-1")
    world.hang("shop-2")
    world.advance(.seconds(29))
    #expect(actions(world).isEmpty)
    world.advance(.milliseconds(1_005))
    #expect(actions(world) == ["kill shop-1"])
    world.advance(.seconds(10))
    #expect(actions(world) == ["kill shop-1", "start shop-1 v1", "kill shop-2", "start shop-2 v1"])
    #expect(world.machine.ready == 3)
    world.hang("shop-3")
    world.advance(.seconds(20))
    world.wake("shop-3")
    world.advance(.minutes(2))
    #expect(actions(world).count == 4)
    #expect(world.broken.isEmpty)
  }

  @Test func `a replica that is never ready is started again after five minutes`() {
    let world = ReplicaWorld()
    world.configure("never", 1)
    world.advance(.seconds(299))
    #expect(actions(world).count == 1)
    world.advance(.seconds(2))
    #expect(actions(world) == ["start shop-1 never", "kill shop-1", "start shop-1 never"])
  }

  @Test func `an engine that comes after a crash adopts what runs`() {
    let world = settled(3)
    let before = world.processes.mapValues(\.pid)
    world.restartEngine()
    world.advance(.minutes(1))
    #expect(world.log.isEmpty)
    #expect(world.processes.mapValues(\.pid) == before)
    #expect(world.machine.ready == 3)
    let machine = world.machine.replicas
    #expect(machine.map(\.startedAt) == machine.map { _ in machine[0].startedAt })
  }

  @Test func `an engine that comes in mid-rollout goes on with it`() {
    for seconds in stride(from: Int64(0), to: 12, by: 1) {
      let world = settled(3)
      world.configure("slow", 3)
      world.advance(.seconds(seconds))
      world.restartEngine()
      world.advance(.minutes(3))
      #expect(world.processes.values.map(\.template) == ["slow", "slow", "slow"])
      #expect(world.broken.isEmpty)
    }
  }

  @Test func `replicas whose names are none of ours are stopped`() {
    var machine = ReplicaSetMachine(service: "shop")
    let names = ["shop-0", "shop--1", "shop-01", "shop-x", "other-1", "shop-1", "shop-1"]
    let replicas = names.map {
      AdoptedReplica(name: $0, template: "v1", pid: 7, port: 20_000, startedAt: .zero)
    }
    let actions = machine.handle(.adopted(replicas), now: .zero)
    #expect(actions == (names.prefix(5) + ["shop-1"]).map { ReplicaAction.stop(name: $0) })
  }
}
