import Deployment
import Primitives
import Testing

/// Random events under a seed: whatever happens, no more run than may, and in the end what is
/// wanted runs.
@Suite struct ReplicaStormTests {
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a storm of faults and changes ends with what is wanted`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let world = ReplicaWorld()
    let templates = ["v1", "v2", "v3", "slow", "never", "crash", "missing"]
    world.send(.configured(template: "v1", count: 3))
    for _ in 0..<300 {
      let names = world.processes.keys.sorted()
      let name = names.isEmpty ? "shop-1" : names[random.below(names.count)]
      switch random.below(12) {
      case 0, 1: world.crash(name)
      case 2: world.hang(name)
      case 3: world.wake(name)
      case 4: world.send(.scaled(count: random.below(6)))
      case 5: world.send(.restartRequested)
      case 6:
        let template = templates[random.below(templates.count)]
        world.send(.configured(template: template, count: 1 + random.below(5)))
      case 7: world.restartEngine()
      case 8: world.send(.drained(name: name))
      default: break
      }
      let longest = random.below(4) == 0 ? 600_000 : 5_000
      world.advance(.milliseconds(Int64(random.below(longest))))
    }
    for name in world.processes.keys { world.wake(name) }
    world.send(.configured(template: "v9", count: 4))
    world.advance(.hours(1))
    #expect(world.broken.isEmpty, "seed \(seed)")
    #expect(
      Set(world.processes.keys) == ["shop-1", "shop-2", "shop-3", "shop-4"], "seed \(seed)")
    #expect(world.processes.values.allSatisfy { $0.template == "v9" }, "seed \(seed)")
    #expect(world.machine.ready == 4, "seed \(seed)")
    #expect(!world.machine.isRolling && !world.machine.isPaused, "seed \(seed)")
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `rollouts of templates that work, broken off or not, keep N ready`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let world = ReplicaWorld()
    let count = 1 + random.below(5)
    world.send(.configured(template: "v0", count: count))
    world.advance(.minutes(1))
    world.fewestReady = .max
    for step in 1...40 {
      if random.below(3) == 0 {
        world.send(.restartRequested)
      } else {
        let template = ["v\(step)", "slow", "never", "crash", "v1"][random.below(5)]
        world.send(.configured(template: template, count: count))
      }
      world.advance(.milliseconds(Int64(random.below(30_000))))
    }
    #expect(world.fewestReady >= count, "seed \(seed)")
    #expect(world.broken.isEmpty, "seed \(seed)")
  }
}
