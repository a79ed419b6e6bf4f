import Deployment
import Primitives
import Testing

/// Random events under a seed: whatever happens, no more run than may, and in the end what is
/// wanted runs.
@Suite struct ReplicaStormTests {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `a storm of faults and changes ends with what is wanted`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let world = ReplicaWorld()
    let revisions = ["v1", "v2", "v3", "slow", "never", "crash", "missing", "faulty", "lame"]
    world.configure("v1", 3)
    for _ in 0..<300 {
      let names = world.processes.keys.sorted()
      let name = names.isEmpty ? "shop-1" : names[random.below(names.count)]
      switch random.below(15) {
      case 0, 1: world.crash(name)
      case 2: world.hang(name)
      case 3: world.wake(name)
      case 4: world.send(.scaled(count: random.below(6)))
      case 5: world.restart()
      case 6, 7:
        world.plan = Self.plan(&random)
        world.configure(revisions[random.below(revisions.count)], 1 + random.below(5))
      case 8: world.restartEngine()
      case 9: world.restartKeeper()
      case 10: world.send(.drained(name: name))
      case 11: world.send(.promote)
      case 12: world.send(.abort(reason: "asked for"))
      default: break
      }
      let longest = random.below(4) == 0 ? 600_000 : 5_000
      world.advance(.milliseconds(Int64(random.below(longest))))
    }
    for name in world.processes.keys { world.wake(name) }
    world.plan = .restart(drain: .seconds(30))
    world.configure("v9", 4)
    world.advance(.hours(1))
    // What the storm left may have had to end first.
    #expect(world.broken.isEmpty, "seed \(seed)")
    #expect(!world.machine.isRolling, "seed \(seed)")
    #expect(world.processes.count == 4, "seed \(seed)")
    #expect(world.machine.ready == 4, "seed \(seed)")
    #expect(world.processes.values.allSatisfy { $0.template == "v9" }, "seed \(seed)")
  }

  /// Any strategy, with automatic decisions.
  static func plan(_ random: inout SeededRandom) -> DeploymentPlan {
    var plan = DeploymentPlan()
    plan.strategy = DeploymentPlan.Strategy.allCases[random.below(3)]
    plan.healthyFor = .seconds(Int64(random.below(6)))
    plan.deadline = .seconds(Int64(10 + random.below(60)))
    plan.stepTime = .seconds(Int64(5 + random.below(20)))
    plan.keepOld = .seconds(Int64(5 + random.below(20)))
    plan.maxSurge = .count(random.below(2) + (plan.strategy == .rolling ? 0 : 1))
    return plan
  }

  @Test(arguments: 0..<1_000 as Range<UInt64>)
  func `a deployment ends in time with one revision, and takes no ready replica too many`(
    seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    let world = ReplicaWorld()
    let count = 1 + random.below(10)
    world.configure("v1", count)
    world.advance(.minutes(1))
    world.plan = Self.plan(&random)
    let unavailable = world.plan.strategy == .rolling ? random.below(2) : 0
    world.plan.maxUnavailable = .count(unavailable)
    let bad = ["v2", "v2", "slow", "never", "crash", "missing", "faulty", "lame"]
    let revision = bad[random.below(bad.count)]
    world.fewestReady = .max
    let isDisturbed = random.below(2) == 0
    world.configure(revision, count)
    var broken = 0
    while isDisturbed, broken < 4, world.machine.isRolling {
      broken += 1
      world.advance(.milliseconds(Int64(random.below(8_000))))
      switch random.below(4) {
      case 0: if let name = world.processes.keys.sorted().first { world.crash(name) }
      case 1: world.restartEngine()
      case 2: world.restartKeeper()
      default: break
      }
    }
    // The longest way: every replica takes its time, or every step is prolonged.
    let plan = world.plan
    let steps = Int64(max(count, 4)) + 8
    let bound =
      plan.deadline.scaled(by: Double(steps)) + plan.stepTime.scaled(by: 16) + plan.drain
      + .minutes(10)
    world.advance(bound)
    #expect(world.broken.isEmpty, "seed \(seed)")
    #expect(!world.machine.isRolling, "seed \(seed)")
    #expect(world.results.count == 1, "seed \(seed): \(world.results)")
    let isGood = revision == "v2" || revision == "slow"
    if !isDisturbed {
      #expect(world.fewestReady >= count - min(unavailable, count), "seed \(seed)")
      #expect(world.results == [isGood ? .succeeded : .rolledBack], "seed \(seed) \(revision)")
    }
    let wanted = world.results == [.succeeded] ? revision : "v1"
    #expect(world.processes.count == count, "seed \(seed)")
    #expect(world.processes.values.allSatisfy { $0.template == wanted }, "seed \(seed)")
    #expect(world.machine.ready == count, "seed \(seed)")
  }
}
