import HealthChecking
import Primitives
import Testing

/// Drives one machine through its checks, a step an event.
private final class Bench {
  var machine: HealthMachine
  var random = SeededRandom(seed: 7)
  var now = Instant(nanoseconds: 1_000_000_000_000)

  init(policy: HealthPolicy = HealthPolicy(), grace: TimeSpan = .zero) {
    machine = HealthMachine(policy: policy, grace: grace, now: now)
  }

  @discardableResult
  func send(_ event: HealthMachine.Event) -> HealthChange? {
    machine.handle(event, now: now, random: &random)
  }

  /// Waits for the next check, begins it and ends it `taking` later.
  @discardableResult
  func check(
    _ result: CheckResult, taking: TimeSpan = .milliseconds(1)
  ) throws -> HealthChange? {
    now = max(now, try #require(machine.nextCheck))
    send(.checkBegan)
    now = now + taking
    return send(.checkEnded(result))
  }

  func becomeHealthy() throws {
    try #require(try check(.passed(detail: "200"))?.to == .healthy)
  }

  /// From now to the next check.
  func wait() throws -> TimeSpan { try #require(machine.nextCheck) - now }
}

private let pass = CheckResult.passed(detail: "200")
private let fail = CheckResult.failed(detail: "connection refused")

@Suite struct HealthMachineTests {
  @Test func `a server that was never checked is unknown and is checked at once`() throws {
    let bench = Bench()
    #expect(bench.machine.state == .unknown)
    #expect(try bench.wait() == .zero)
  }

  @Test func `one passed check makes an unknown server healthy`() throws {
    let bench = Bench()
    let change = try #require(try bench.check(pass))
    #expect(change.from == .unknown)
    #expect(change.to == .healthy)
    #expect(change.cause == "a check passed with 200")
    #expect(!bench.machine.inTransition)
  }

  @Test func `an unknown server becomes unhealthy after fall failures at the fast interval`() throws
  {
    let bench = Bench()
    let start = bench.now
    #expect(try bench.check(fail) == nil)
    #expect(try bench.wait() <= .milliseconds(550))
    #expect(try bench.check(fail) == nil)
    let change = try #require(try bench.check(fail))
    #expect(change.to == .unhealthy)
    #expect(change.cause == "3 checks in a row failed, the last with connection refused")
    #expect(change.firstSign == start + .milliseconds(1))
    #expect(bench.now - start < .milliseconds(1_200))
  }

  @Test func `a healthy server survives fewer failures in a row than fall`() throws {
    let bench = Bench()
    try bench.becomeHealthy()
    for _ in 0..<20 {
      #expect(try bench.check(fail) == nil)
      #expect(try bench.check(fail) == nil)
      #expect(try bench.check(pass) == nil)
    }
    #expect(bench.machine.state == .healthy)
  }

  @Test func `an unhealthy server needs rise passed checks in a row`() throws {
    let bench = Bench(policy: HealthPolicy(rise: 3, fall: 1))
    try bench.becomeHealthy()
    let down = try #require(try bench.check(fail))
    #expect(down.cause == "a check failed with connection refused")
    try bench.check(pass)
    try bench.check(pass)
    try bench.check(fail)
    try bench.check(pass)
    let first = bench.now
    #expect(try bench.check(pass) == nil)
    let change = try #require(try bench.check(pass))
    #expect(change.from == .unhealthy && change.to == .healthy)
    #expect(change.firstSign == first)
    #expect(change.cause == "3 checks in a row passed, the last with 200")
  }

  @Test func `checks keep the interval within a tenth and differ from one another`() throws {
    let bench = Bench()
    try bench.becomeHealthy()
    var waits: Set<TimeSpan> = []
    for _ in 0..<100 {
      let began = try #require(bench.machine.nextCheck)
      try bench.check(pass, taking: .milliseconds(3))
      let wait = try #require(bench.machine.nextCheck) - began
      #expect(wait >= .milliseconds(1_800) && wait <= .milliseconds(2_200))
      waits.insert(wait)
    }
    #expect(waits.count > 90)
  }

  @Test func `checks are fast only while results disagree with the state`() throws {
    let bench = Bench()
    try bench.becomeHealthy()
    try bench.check(fail)
    #expect(bench.machine.inTransition)
    #expect(try bench.wait() <= .milliseconds(550))
    try bench.check(fail)
    try bench.check(fail)
    #expect(bench.machine.state == .unhealthy && !bench.machine.inTransition)
    #expect(try bench.wait() > .milliseconds(1_700))
    try bench.check(pass)
    #expect(bench.machine.inTransition)
    #expect(try bench.wait() <= .milliseconds(550))
  }

  @Test func `an interval under the fast one is never stretched`() throws {
    let bench = Bench(policy: HealthPolicy(interval: .milliseconds(200)))
    try bench.becomeHealthy()
    #expect(try bench.wait() <= .milliseconds(220))
    try bench.check(fail)
    #expect(try bench.wait() <= .milliseconds(220))
  }

  @Test func `no check begins while one is under way, and it has a deadline`() throws {
    let bench = Bench()
    bench.send(.checkBegan)
    #expect(bench.machine.nextCheck == nil)
    #expect(bench.machine.checkDeadline == bench.now + .seconds(1))
    bench.now = bench.now + .seconds(1)
    bench.send(.checkEnded(.failed(detail: "timeout after 1s")))
    #expect(bench.machine.checkDeadline == nil)
    // The check took longer than the fast interval, so the next is due already.
    #expect(try bench.wait() == .zero)
  }

  @Test func `a result without a check under way is ignored`() throws {
    let bench = Bench(policy: HealthPolicy(fall: 1))
    #expect(bench.send(.checkEnded(fail)) == nil)
    #expect(bench.machine.state == .unknown)
  }

  @Test func `a failure of traffic asks for a check at once and is the first sign`() throws {
    let bench = Bench(policy: HealthPolicy(fall: 2))
    try bench.becomeHealthy()
    bench.now = bench.now + .milliseconds(400)
    let sign = bench.now
    bench.send(.trafficFailed)
    #expect(try bench.wait() == .zero)
    #expect(try bench.check(fail, taking: .milliseconds(5)) == nil)
    let change = try #require(try bench.check(fail))
    #expect(change.firstSign == sign)
  }

  @Test func `a failure of traffic that a check does not confirm leaves no sign`() throws {
    let bench = Bench(policy: HealthPolicy(fall: 1))
    try bench.becomeHealthy()
    bench.now = bench.now + .seconds(1)
    bench.send(.trafficFailed)
    #expect(try bench.check(pass) == nil)
    let change = try #require(try bench.check(fail))
    #expect(change.firstSign == bench.now)
  }

  @Test func `a failure of traffic during a check asks for another right after it`() throws {
    let bench = Bench(policy: HealthPolicy(fall: 1))
    try bench.becomeHealthy()
    bench.now = try #require(bench.machine.nextCheck)
    bench.send(.checkBegan)
    let sign = bench.now
    bench.send(.trafficFailed)
    bench.now = bench.now + .milliseconds(2)
    #expect(bench.send(.checkEnded(pass)) == nil)
    #expect(try bench.wait() == .zero)
    let change = try #require(try bench.check(fail))
    #expect(change.firstSign == sign)
  }

  @Test func `a thousand failures of traffic bring no flood of checks`() throws {
    let bench = Bench()
    try bench.becomeHealthy()
    var checks = 0
    let end = bench.now + .seconds(1)
    while bench.now < end {
      bench.send(.trafficFailed)
      if let due = bench.machine.nextCheck, due <= bench.now {
        try bench.check(pass, taking: .zero)
        checks += 1
      }
      bench.now = bench.now + .milliseconds(1)
    }
    #expect(checks >= 15 && checks <= 21)
  }

  @Test func `a disabled server is not checked and keeps its state`() throws {
    let bench = Bench()
    try bench.becomeHealthy()
    bench.now = try #require(bench.machine.nextCheck)
    bench.send(.checkBegan)
    bench.send(.disabled)
    #expect(bench.machine.nextCheck == nil && bench.machine.checkDeadline == nil)
    #expect(bench.send(.checkEnded(fail)) == nil)
    bench.send(.trafficFailed)
    #expect(bench.machine.nextCheck == nil)
    #expect(bench.machine.state == .healthy)
    bench.send(.enabled)
    #expect(try bench.wait() == .zero)
  }

  @Test func `an adopted state stays until checks disagree`() throws {
    let bench = Bench()
    #expect(bench.send(.adopted(.healthy)) == nil)
    #expect(bench.machine.state == .healthy)
    #expect(try bench.wait() <= .milliseconds(500))
    try bench.check(fail)
    try bench.check(fail)
    #expect(bench.machine.state == .healthy)
    try bench.check(fail)
    #expect(bench.machine.state == .unhealthy)
  }

  @Test func `a new policy keeps the state and hastens the next check if it is shorter`() throws {
    let bench = Bench(policy: HealthPolicy(interval: .minutes(5)))
    try bench.becomeHealthy()
    bench.send(.policyChanged(HealthPolicy(interval: .seconds(1), fall: 1)))
    #expect(bench.machine.state == .healthy)
    #expect(try bench.wait() <= .milliseconds(1_100))
    #expect(try bench.check(fail)?.to == .unhealthy)
  }

  @Test func `a restarted server is unknown until it passes, and fails no fault in its grace`()
    throws
  {
    let bench = Bench()
    try bench.becomeHealthy()
    let change = try #require(bench.send(.restarted(grace: .seconds(10))))
    #expect(change.from == .healthy && change.to == .unknown)
    let start = bench.now
    while bench.now - start < .seconds(9) {
      #expect(try bench.check(fail) == nil)
      #expect(try bench.wait() <= .milliseconds(550))
    }
    #expect(bench.machine.state == .unknown)
    #expect(try bench.check(pass)?.to == .healthy)
  }

  @Test func `a server that never passes is unhealthy once its grace is over`() throws {
    let bench = Bench(grace: .seconds(3))
    var change: HealthChange?
    let start = bench.now
    while change == nil, bench.now - start < .seconds(10) { change = try bench.check(fail) }
    #expect(change?.to == .unhealthy)
    #expect(bench.now - start >= .seconds(3) && bench.now - start < .seconds(4))
    #expect(change?.firstSign == start + .milliseconds(1))
  }

  @Test func `a policy of zeros checks at the shortest interval and still needs a failure`() throws
  {
    let bench = Bench(policy: HealthPolicy(interval: .zero, timeout: .zero, rise: 0, fall: 0))
    try bench.becomeHealthy()
    #expect(try bench.wait() >= .milliseconds(40))
    #expect(try bench.check(fail)?.to == .unhealthy)
  }
}

@Suite struct HTTPCheckExpectationTests {
  @Test func `a status inside a range passes with its number`() {
    let expectation = HTTPCheckExpectation(statuses: [200...299, 404...404])
    #expect(expectation.verdict(status: 204) == .passed(detail: "204"))
    #expect(expectation.verdict(status: 404).passed)
  }

  @Test func `a status outside every range fails and says what was expected`() {
    #expect(
      HTTPCheckExpectation().verdict(status: 503)
        == .failed(detail: "status 503, expected 200-299"))
    #expect(
      HTTPCheckExpectation(statuses: [200...200, 300...399]).verdict(status: 500)
        == .failed(detail: "status 500, expected 200, 300-399"))
    #expect(!HTTPCheckExpectation(statuses: []).verdict(status: 200).passed)
    #expect(!HTTPCheckExpectation(statuses: [Int.min...Int.max - 1]).verdict(status: .max).passed)
  }

  @Test func `a body must contain the text wherever it stands`() {
    let expectation = HTTPCheckExpectation(body: "ok")
    #expect(expectation.needsBody)
    for text in ["ok", "all ok", "ok then", "oo ok"] {
      #expect(expectation.verdict(status: 200, body: Array(text.utf8)).passed)
    }
    for text in ["", "o", "k", "o k"] {
      #expect(
        expectation.verdict(status: 200, body: Array(text.utf8))
          == .failed(detail: "status 200, but the body lacks \"ok\""))
    }
  }

  @Test func `text beyond the limit of the body does not count`() {
    let filler = [UInt8](repeating: 32, count: HTTPCheckExpectation.bodyLimit - 1)
    #expect(
      !HTTPCheckExpectation(body: "ok").verdict(status: 200, body: filler + [111, 107]).passed)
  }

  @Test func `an empty text takes any body`() {
    #expect(!HTTPCheckExpectation(body: "").needsBody)
    #expect(HTTPCheckExpectation(body: "").verdict(status: 200).passed)
  }
}
