import Balancing
import Primitives
import Testing
import Topology

extension ServerLoad {
  fileprivate mutating func failed(isCertain: Bool, now: Instant) {
    _ = failed(
      isCertain: isCertain, after: .zero, policy: EjectionPolicy(), mayEject: false, now: now)
  }

  fileprivate mutating func succeeded() {
    _ = answered(
      isFailure: false, after: .milliseconds(1), policy: EjectionPolicy(), mayEject: false,
      now: .zero)
  }

  fileprivate func isAvoided(_ now: Instant) -> Bool { !breaker.admits(now) }
}

@Suite struct ServerLoadTests {
  private let now = Instant(nanoseconds: 5_000_000_000)

  /// How long a server is avoided from `start` on, in milliseconds.
  private func avoidance(_ load: ServerLoad, from start: Instant? = nil) -> Int64 {
    let start = start ?? now
    return (0...20_000).first { !load.isAvoided(start + .milliseconds($0)) } ?? -1
  }

  @Test func `one refused connection is enough, and each time after doubles up to ten seconds`() {
    var load = ServerLoad()
    var start = now
    var times: [Int64] = []
    for _ in 0..<7 {
      load.failed(isCertain: true, now: start)
      let time = avoidance(load, from: start)
      times.append(time)
      start = start + .milliseconds(time)
    }
    #expect(times == [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    #expect(load.breaker.ejections == 7)
  }

  @Test func `requests that fail together are one sign`() {
    var load = ServerLoad()
    for _ in 0..<100 { load.failed(isCertain: true, now: now) }
    #expect(avoidance(load) == 500 && load.breaker.ejections == 1)
  }

  @Test func `resets are tolerated until there are three in a row`() {
    var load = ServerLoad()
    for expected in [Int64(0), 0, 500] {
      load.failed(isCertain: false, now: now)
      #expect(avoidance(load) == expected)
    }
    load.succeeded()
    load.failed(isCertain: false, now: now)
    #expect(avoidance(load) == 0 && load.breaker.failuresInARow == 1)
  }

  @Test func `an answer or a passed check forgets all`() {
    for forget in [{ $0.succeeded() }, { $0.forgive() }] as [(inout ServerLoad) -> Void] {
      var load = ServerLoad()
      for _ in 0..<5 { load.failed(isCertain: true, now: now) }
      forget(&load)
      #expect(!load.isAvoided(now) && load.breaker.failuresInARow == 0)
      load.failed(isCertain: true, now: now)
      #expect(avoidance(load) == 500)
    }
  }

  @Test func `endless failures neither trap nor avoid for ever`() {
    var load = ServerLoad()
    for _ in 0..<10_000 { load.failed(isCertain: true, now: .distantFuture) }
    #expect(!load.isAvoided(.distantFuture))
  }

  @Test func `tried servers are remembered up to their limit`() {
    var tried = TriedServers()
    #expect(!tried.contains(0) && !tried.contains(-1))
    for server in 0..<20 { tried.insert(server * 3) }
    #expect(tried.count == TriedServers.limit)
    #expect((0..<60).filter { tried.contains($0) } == (0..<11).map { $0 * 3 })
  }
}
