import Deployment
import Primitives

extension SettingsBuilder {
  /// The defaults when there is none, or it makes no sense.
  mutating func deploy(_ service: DecodedObject) -> DeploymentPlan {
    var plan = DeploymentPlan()
    guard let object = service.object("deploy") else { return plan }
    guard service.isIntended("run") else {
      log.error(
        "'deploy' needs 'run'", at: service.keyPlace("deploy") ?? service.place,
        help: "write 'run: { command: … }', so that Ballast can start replicas, or remove 'deploy'")
      return plan
    }
    plan.strategy = object.choice("strategy", DeploymentPlan.Strategy.self) ?? plan.strategy
    plan.maxSurge = allowance(object, "maxSurge") ?? plan.maxSurge
    plan.maxUnavailable = allowance(object, "maxUnavailable") ?? plan.maxUnavailable
    plan.healthyFor = object.duration("healthyFor") ?? plan.healthyFor
    plan.deadline = object.duration("deadline") ?? plan.deadline
    plan.drain = object.duration("drain") ?? plan.drain
    plan.rollsBack = object.text("rollback") != "manual"
    plan.promotes = object.text("promote") != "manual"
    plan.stepTime = object.duration("stepTime") ?? plan.stepTime
    plan.keepOld = object.duration("keepOld") ?? plan.keepOld
    plan.steps = steps(object) ?? plan.steps
    if let match = object.object("match") { plan.match = rule(match) }
    if let abort = object.object("abort") { plan.gate = gate(abort) }
    checkStrategy(plan, object)
    return plan
  }

  private func allowance(_ object: DecodedObject, _ key: String) -> DeploymentPlan.Allowance? {
    guard let text = object.text(key) else { return nil }
    if text.hasSuffix("%") { return Int(text.dropLast()).map { .share(Double($0) / 100) } }
    return Int(text).map { .count($0) }
  }

  private mutating func steps(_ object: DecodedObject) -> [Double]? {
    guard let items = object.list("steps") else { return nil }
    var steps: [Double] = []
    for item in items {
      guard case .share(let share) = item.content else { continue }
      if let last = steps.last, share <= last {
        log.error(
          "the steps have to rise", at: item.place,
          help: "each share is greater than the one before, the last one 100%")
        return nil
      }
      steps.append(share)
    }
    guard steps.count == items.count else { return nil }
    if steps.last != 1, let last = items.last {
      log.error(
        "the last step is not 100%", at: last.place, help: "write '100%' as the last step")
      return nil
    }
    return steps
  }

  private mutating func rule(_ object: DecodedObject) -> RequestRule? {
    let value = object.text("value")
    if let name = object.text("header") { return RequestRule(.header, name, value: value) }
    if let name = object.text("cookie") { return RequestRule(.cookie, name, value: value) }
    if !object.isIntended("header"), !object.isIntended("cookie") {
      log.error(
        "'match' names no header and no cookie", at: object.place,
        help: "write 'header: X-Canary' or 'cookie: canary'")
    }
    return nil
  }

  private func gate(_ object: DecodedObject) -> GatePolicy {
    var gate = GatePolicy()
    gate.errorRate = object.share("errorRate") ?? gate.errorRate
    gate.p99 = object.duration("p99")
    gate.slowdown = object.number("slowdown") ?? gate.slowdown
    gate.saturation = object.share("saturation")
    gate.requests = object.integer("requests") ?? gate.requests
    return gate
  }

  private mutating func checkStrategy(_ plan: DeploymentPlan, _ object: DecodedObject) {
    let keys: [(DeploymentPlan.Strategy, [String])] = [
      (.rolling, ["maxSurge", "maxUnavailable"]),
      (.canary, ["steps", "stepTime", "promote", "match"]),
      (.blueGreen, ["keepOld"]),
    ]
    for (strategy, names) in keys where strategy != plan.strategy {
      for name in names where object[name] != nil {
        log.error(
          "'\(name)' is for 'strategy: \(strategy.rawValue)'",
          at: object.keyPlace(name) ?? object.place,
          help: "remove it, or write 'strategy: \(strategy.rawValue)'")
      }
    }
    if plan.maxSurge.isNone, plan.maxUnavailable.isNone {
      log.error(
        "'maxSurge' and 'maxUnavailable' are both none, so nothing could be replaced",
        at: object.keyPlace("maxSurge") ?? object.place, help: "write 'maxSurge: 1'")
    }
  }
}

extension DeploymentPlan.Allowance {
  fileprivate var isNone: Bool { self == .count(0) || self == .share(0) }
}
