import Deployment
import Primitives
import Testing

/// Deployments under random faults, by a seed.
@Suite struct DeploymentSimulationTests {
  private func plan(_ random: inout SeededRandom) -> DeploymentPlan {
    var plan = DeploymentPlan()
    plan.strategy = DeploymentPlan.Strategy.allCases[random.below(3)]
    plan.maxSurge = random.below(2) == 0 ? .count(random.below(4)) : .share(0.25)
    plan.maxUnavailable = random.below(2) == 0 ? .count(random.below(3)) : .share(0.3)
    plan.healthyFor = .seconds(Int64(random.below(6)))
    plan.deadline = .seconds(60)
    plan.stepTime = .seconds(20)
    plan.keepOld = .seconds(20)
    return plan
  }

  private static func sample(_ requests: Int) -> GateSample {
    let group = GroupTraffic(requests: requests, p50: .milliseconds(2), p99: .milliseconds(9))
    return GateSample(new: group, old: group)
  }

  @Test(arguments: 0..<1_000 as Range<UInt64>)
  func `a deployment under random faults keeps its floor and ends whole`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let count = 1 + random.below(8)
    let world = DeploymentWorld.settled(count, plan(&random))
    let targets = ["v2", "v2", "slow2", "never2", "crash2", "missing2", "late2"]
    let target = targets[random.below(targets.count)]
    world.configure(target)
    var faults = random.below(5)
    for _ in 0..<40 {
      world.advance(.milliseconds(Int64(random.below(4_000))))
      if random.below(3) == 0 {
        world.send(.measured(Self.sample(random.below(2) == 0 ? 20 : 500)))
      }
      guard faults > 0, random.below(4) == 0 else { continue }
      faults -= 1
      let names = world.processes.keys.sorted()
      switch random.below(6) {
      case 0, 1: if !names.isEmpty { world.kill(names[random.below(names.count)]) }
      case 2, 3: world.restartEngine()
      case 4: world.restartKeeper()
      default:
        if random.below(2) == 0 {
          world.send(.abort(reason: "aborted by hand"))
        } else {
          world.send(.promote)
        }
      }
    }
    world.advance(.minutes(60))
    let trace =
      "seed \(seed) \(world.file.plan.strategy) of \(count) to \(target)\n"
      + world.log.joined(separator: "\n")
    #expect(world.broken.isEmpty, "\(trace)")
    #expect(world.machine.state.deployment == nil, "\(trace)")
    let revisions = Set(world.processes.values.map(\.revision))
    // What ends again and again once its deployment is over is in its backoff now.
    if world.machine.state.current != "late2" {
      #expect(revisions.count == 1 && world.processes.count == count, "\(trace)")
      #expect(world.ready == count, "\(trace)")
    }
    if target.hasPrefix("never") || target.hasPrefix("crash") || target.hasPrefix("missing") {
      #expect(revisions == ["v1"], "\(trace)")
    }
  }
}
