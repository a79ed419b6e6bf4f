import Primitives
import Testing

@testable import Alerting

@Suite struct AlertRuleTests {
  private func traffic(
    _ trial: inout AlertTrial, _ seconds: Int64, rate: UInt64, bad: UInt64, slow: UInt64 = 0
  ) {
    for _ in 0..<seconds / 10 {
      var service = trial.observation.services["shop"] ?? .init()
      service.requests += rate * 10
      service.failures += bad * 10
      service.slow[.milliseconds(300), default: 0] += slow * 10
      trial.observation.services["shop"] = service
      trial.run(10, step: 10)
    }
  }

  private var firing: (AlertTrial) -> Set<String> {
    { Set($0.machine.alerts.values.filter(\.isFiring).map(\.rule)) }
  }

  @Test func `a share of failures is told, and fewer requests than asked for tell nothing`() {
    let rule = AlertRule(
      name: "errors", .errorRate(above: 0.05, window: .minutes(1), requests: 20),
      wait: .seconds(30))
    var trial = AlertTrial(.simple([rule]))
    traffic(&trial, 120, rate: 100, bad: 4)
    #expect(firing(trial).isEmpty)
    traffic(&trial, 120, rate: 100, bad: 10)
    #expect(firing(trial) == ["errors"])
    // No traffic is no sign of health.
    traffic(&trial, 600, rate: 0, bad: 0)
    #expect(firing(trial) == ["errors"])
    traffic(&trial, 120, rate: 100, bad: 0)
    #expect(firing(trial).isEmpty)
  }

  @Test func `slow requests are told by their share`() {
    let rule = AlertRule(
      name: "slow", .p95(above: .milliseconds(300), window: .minutes(1), requests: 20))
    var trial = AlertTrial(.simple([rule]))
    traffic(&trial, 120, rate: 100, bad: 0, slow: 4)
    #expect(firing(trial).isEmpty)
    traffic(&trial, 120, rate: 100, bad: 0, slow: 6)
    #expect(firing(trial) == ["slow"])
  }

  @Test func `an objective is three rules, and each burn rate finds its own`() {
    let rules = ServiceObjectives(
      service: "shop", objectives: [Objective(.availability, target: 0.999)]
    ).rules
    #expect(
      rules.map(\.name) == [
        "slo-availability-fast", "slo-availability-medium", "slo-availability-slow",
      ])
    // 2 % of failures are 20 times the budget of 0.1 %.
    var fast = AlertTrial(.simple(rules))
    traffic(&fast, 3_600, rate: 1_000, bad: 0)
    traffic(&fast, 1_200, rate: 1_000, bad: 20)
    #expect(firing(fast).isEmpty)
    traffic(&fast, 1_600, rate: 1_000, bad: 20)
    #expect(firing(fast) == ["slo-availability-fast", "slo-availability-medium"])
    // Over for five minutes, the short window ends the first of them.
    traffic(&fast, 400, rate: 1_000, bad: 0)
    #expect(firing(fast) == ["slo-availability-medium"])
    // 0.8 % are 8 times: enough for the middle one only.
    var middle = AlertTrial(.simple(rules))
    traffic(&middle, 7 * 3_600, rate: 1_000, bad: 8)
    #expect(firing(middle) == ["slo-availability-medium", "slo-availability-slow"])
    // 0.05 % are half of what may be.
    var fine = AlertTrial(.simple(rules))
    traffic(&fine, 7 * 3_600, rate: 2_000, bad: 1)
    #expect(firing(fine).isEmpty)
  }

  @Test func `a series goes on over an engine that was killed`() {
    let rules = ServiceObjectives(
      service: "shop", objectives: [Objective(.availability, target: 0.999)]
    ).rules
    var trial = AlertTrial(.simple(rules))
    traffic(&trial, 4_000, rate: 1_000, bad: 16)
    #expect(firing(trial).contains("slo-availability-fast"))
    trial.restart(.simple(rules))
    trial.observation.services["shop"] = .init()
    traffic(&trial, 60, rate: 1_000, bad: 16)
    #expect(firing(trial).contains("slo-availability-fast"))
    #expect(trial.log.filter { $0.kind == .resolved }.isEmpty)
  }

  @Test func `a series answers for every window within a step, and stays bounded`() {
    var series = CounterSeries(longest: .hours(72))
    let start = WallTime(milliseconds: AlertTrial.start)
    for second in 0..<Int64(100 * 3_600 / 5) {
      let now = start.after(.seconds(second * 5))
      series.observe(total: UInt64(second) * 50, bad: UInt64(second) * 5, now: now)
    }
    let now = start.after(.seconds(100 * 3_600 - 5))
    for (window, step) in [(300, 10), (1_800, 120), (21_600, 120), (259_200, 1_800)] {
      let increase = series.increase(over: .seconds(Int64(window)), now: now)
      let wanted = Double(window) * 10
      let off = abs(Double(increase?.total ?? 0) - wanted)
      #expect(off <= Double(step + 5) * 10, "\(window)")
      #expect(increase?.share == 0.1)
    }
  }

  @Test func `counters that begin anew are no negative number of requests`() {
    var series = CounterSeries(longest: .minutes(5))
    let start = WallTime(milliseconds: AlertTrial.start)
    series.observe(total: 1_000, bad: 10, now: start)
    series.observe(total: 1_100, bad: 20, now: start.after(.seconds(10)))
    series.observe(total: 5, bad: 1, now: start.after(.seconds(20)))
    let increase = series.increase(over: .minutes(1), now: start.after(.seconds(20)))
    #expect(increase == .init(total: 105, bad: 11, span: .seconds(20)))
    // A clock that is set back begins anew as well.
    series.observe(total: 9, bad: 1, now: start.before(.hours(1)))
    #expect(series.increase(over: .minutes(1), now: start.before(.hours(1))) == nil)
  }

  @Test func `certificates are told twice, and restarts by their number`() {
    var trial = AlertTrial(.simple())
    trial.observation.certificates = [
      .init(name: "shop.pem", notAfter: trial.now.after(.hours(10 * 24)))
    ]
    trial.observation.services["shop"] = .init(restarts: 3)
    trial.run(5)
    #expect(firing(trial) == ["certificate-expires"])
    trial.observation.certificates = [
      .init(name: "shop.pem", notAfter: trial.now.after(.hours(48)))
    ]
    trial.observation.services["shop"] = .init(restarts: 9)
    trial.run(5)
    #expect(
      firing(trial) == ["certificate-expires", "certificate-expires-soon", "restarts"])
  }

  @Test func `quiet hours may reach over midnight and over the week's end`() {
    let quiet = QuietHours(days: [6], from: 22 * 60, until: 6 * 60, except: .critical)
    #expect(quiet.hold(6 * 1_440 + 23 * 60))
    #expect(quiet.hold(5 * 60))
    #expect(!quiet.hold(6 * 60))
    #expect(!quiet.hold(6 * 1_440 + 5 * 60))
  }
}
