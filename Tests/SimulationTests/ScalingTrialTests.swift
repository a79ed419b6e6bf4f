import Primitives
import Scaling
import Testing

@testable import Simulation

/// An autoscaler against queues with a start-up time; `ballast simulate --scaling` runs the same longer.
@Suite struct ScalingTrialTests {
  private func report(
    _ trace: LoadTrace, _ decider: ScalingTrial.Decider, seed: UInt64
  ) -> ScalingTrialReport {
    ScalingTrial.run(
      trace, decider, count: ScalingShow.start(trace.shape), p95: ScalingShow.p95Limit, seed: seed)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `a load that doubles is followed without flapping, and the p95 is held`(_ seed: UInt64) {
    let trace = LoadTrace(shape: .step, seconds: 1_800, low: 60, high: 120)
    let report = report(trace, .machine(ScalingShow.policy), seed: seed)
    #expect(report.reversals <= 1)
    #expect(report.held == 1, "the worst was \(report.worst) s")
    #expect(report.points.last?.replicas ?? 0 >= 6)
    let step = report.points.first { $0.second > trace.seconds / 4 }?.second ?? 0
    let doubled = report.points.first { $0.second > step && $0.ready >= 6 }?.second ?? .infinity
    #expect(doubled - step <= 60)
  }

  /// Two hours for the whole day: twelve times as steep as one is.
  @Test(arguments: [UInt64(1), 2, 3])
  func `a day's curve is followed up and down with one reversal`(_ seed: UInt64) {
    let trace = LoadTrace(shape: .day, seconds: 7_200, low: 20, high: 200)
    let report = report(trace, .machine(ScalingShow.policy), seed: seed)
    #expect(report.reversals <= 1)
    #expect(report.held == 1, "the worst was \(report.worst) s")
    #expect(report.most >= 9)
    #expect(report.points.last?.replicas ?? 99 <= 4)
  }

  @Test func `the formula alone flaps where the machine does not`() {
    let trace = LoadTrace(shape: .day, seconds: 3_600, low: 20, high: 200)
    let bare = report(
      trace, .bareFormula(cpu: 0.45, minimum: 2, maximum: 20), seed: 1)
    #expect(bare.reversals > 5)
  }

  @Test func `Kubernetes' formula on the same trace comes to the same numbers`() {
    let trace = LoadTrace(shape: .step, seconds: 1_800, low: 60, high: 120)
    let own = report(trace, .machine(ScalingShow.policy), seed: 1)
    let other = report(trace, .kubernetes(cpu: 0.45, minimum: 2, maximum: 20), seed: 1)
    #expect(abs(own.replicaHours - other.replicaHours) < own.replicaHours * 0.15)
  }
}
