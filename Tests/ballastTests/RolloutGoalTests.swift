import AdminAPI
import Testing

@testable import ballast

@Suite struct RolloutGoalTests {
  private func detail(
    desired: Int, running: Int, ready: Int, _ replicas: [(state: String, pid: Int?)]
  ) -> ServiceDetail {
    let counts = ServiceStatus.ReplicaCounts(desired: desired, running: running, ready: ready)
    return ServiceDetail(
      service: ServiceStatus(
        name: "shop", state: .up, balance: "random", servers: 2, healthy: 2, replicas: counts),
      servers: [],
      replicas: replicas.enumerated().map { index, replica in
        ReplicaStatus(
          service: "shop", name: "shop-\(index + 1)", state: replica.state, pid: replica.pid)
      }, routes: [], faults: [], events: [])
  }

  @Test func `scaling is done when as many are ready as were asked for, and no more run`() {
    let goal = RolloutGoal.count(2)
    #expect(
      goal.judge(detail(desired: 2, running: 2, ready: 1, [("ready", 1), ("starting", 2)]))
        == .waiting("shop: 1/2 replicas ready", part: 1, whole: 2))
    #expect(
      goal.judge(detail(desired: 2, running: 3, ready: 2, [("ready", 1), ("ready", 2)]))
        == .waiting("shop: 2/2 replicas ready", part: 2, whole: 2))
    #expect(
      goal.judge(detail(desired: 2, running: 2, ready: 2, [("ready", 1), ("ready", 2)]))
        == .done("shop: 2/2 replicas ready"))
  }

  @Test func `an order that the engine has not taken up yet is not done`() {
    let before = detail(desired: 1, running: 1, ready: 1, [("ready", 1)])
    #expect(
      RolloutGoal.count(2).judge(before) == .waiting("shop: 1/2 replicas ready", part: 1, whole: 2))
  }

  @Test func `a restart is done when no old process is left`() {
    let goal = RolloutGoal.replaced(pids: [1, 2])
    #expect(
      goal.judge(detail(desired: 2, running: 2, ready: 2, [("ready", 3), ("ready", 2)]))
        == .waiting("shop: 1/2 replicas restarted", part: 1, whole: 2))
    #expect(
      goal.judge(detail(desired: 2, running: 2, ready: 2, [("ready", 3), ("ready", 4)]))
        == .done("shop: 2/2 replicas restarted"))
  }

  @Test func `a crash loop is a failure, unless the goal is reached without it`() {
    let goal = RolloutGoal.count(2)
    #expect(
      goal.judge(detail(desired: 2, running: 1, ready: 1, [("ready", 1), ("crash-loop", nil)]))
        == .failing(replica: "shop-2"))
    #expect(
      RolloutGoal.count(1).judge(
        detail(desired: 1, running: 1, ready: 1, [("ready", 1), ("crash-loop", nil)]))
        == .done("shop: 1/1 replicas ready"))
  }

  @Test func `the bar is never longer than itself`() {
    #expect(ProgressLine.bar(1, of: 4) == "[#####---------------]")
    let full = "[####################]"
    #expect(ProgressLine.bar(0, of: 0) == full)
    #expect(ProgressLine.bar(9, of: 2) == full)
    #expect(ProgressLine.bar(-1, of: 2) == "[--------------------]")
  }
}
