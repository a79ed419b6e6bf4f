import Balancing
import Primitives
import Testing
import Topology

@Suite struct ServerLoadTests {
  private let now = Instant(nanoseconds: 5_000_000_000)

  /// How long a server is avoided from `start` on, in milliseconds.
  private func avoidance(_ load: ServerLoad, from start: Instant? = nil) -> Int64 {
    let start = start ?? now
    return (0...20_000).first { load.breaker.admits(start + .milliseconds($0)) } ?? -1
  }

  private func fail(_ load: inout ServerLoad, isCertain: Bool, at now: Instant? = nil) {
    let change = load.failed(
      isCertain: isCertain, after: .zero, policy: EjectionPolicy(), mayEject: false,
      now: now ?? self.now)
    #expect(change == nil)
  }

  private func answer(_ load: inout ServerLoad) {
    _ = load.answered(
      isFailure: false, after: .milliseconds(1), policy: EjectionPolicy(), mayEject: false,
      now: now)
  }

  @Test func `one refused connection is enough, and each time after doubles up to ten seconds`() {
    var load = ServerLoad()
    var start = now
    var times: [Int64] = []
    for _ in 0..<7 {
      fail(&load, isCertain: true, at: start)
      let time = avoidance(load, from: start)
      times.append(time)
      start = start + .milliseconds(time)
    }
    #expect(times == [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    // To be avoided is not to be ejected.
    #expect(load.breaker.ejections == 0 && !load.breaker.isEjected)
  }

  @Test func `requests that fail together are one sign`() {
    var load = ServerLoad()
    for _ in 0..<100 { fail(&load, isCertain: true) }
    #expect(avoidance(load) == 500)
  }

  @Test func `resets are tolerated until there are three in a row`() {
    var load = ServerLoad()
    for expected in [Int64(0), 0, 500] {
      fail(&load, isCertain: false)
      #expect(avoidance(load) == expected)
    }
    answer(&load)
    fail(&load, isCertain: false)
    #expect(avoidance(load) == 0 && load.breaker.failuresInARow == 1)
  }

  @Test func `an answer or a passed check ends the avoidance`() {
    for forget in [answer, { $0.forgive() }] as [(inout ServerLoad) -> Void] {
      var load = ServerLoad()
      for _ in 0..<5 { fail(&load, isCertain: true) }
      forget(&load)
      #expect(load.breaker.admits(now) && load.breaker.failuresInARow == 0)
      fail(&load, isCertain: true)
      #expect(avoidance(load) == 500)
    }
  }

  @Test func `endless failures neither trap nor avoid for ever`() {
    var load = ServerLoad()
    for _ in 0..<10_000 { fail(&load, isCertain: true, at: .distantFuture) }
    #expect(load.breaker.admits(.distantFuture))
  }

  @Test func `what was begun before an ejection is told by how long it took`() {
    var load = ServerLoad()
    var changes = 0
    for _ in 0..<5 {
      load.began(now)
      let change = load.answered(
        isFailure: true, after: .milliseconds(1), policy: EjectionPolicy(), mayEject: true,
        now: now)
      if change != nil { changes += 1 }
    }
    let later = now + .seconds(11)
    for _ in 0..<5 {
      let change = load.answered(
        isFailure: true, after: .seconds(2), policy: EjectionPolicy(), mayEject: true, now: later)
      #expect(change == nil)
    }
    #expect(changes == 1 && load.breaker.state(later) == .halfOpen)
  }

  @Test func `tried servers are remembered up to their limit`() {
    var tried = TriedServers()
    #expect(!tried.contains(0) && !tried.contains(-1))
    for server in 0..<20 { tried.insert(server * 3) }
    #expect(tried.count == TriedServers.limit)
    #expect((0..<60).filter { tried.contains($0) } == (0..<11).map { $0 * 3 })
  }
}
