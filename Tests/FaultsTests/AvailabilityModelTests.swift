import Glibc
import Primitives
import Testing

@testable import Faults

@Suite struct AvailabilityModelTests {
  private func down(
    _ count: Int, _ needed: Int, _ unavailability: Double, _ beta: Double
  ) -> Double {
    RedundantServers(count: count, needed: needed, unavailability: unavailability, beta: beta)
      .serviceUnavailability
  }

  private func isClose(_ got: Double, _ wanted: Double, within share: Double = 1e-12) -> Bool {
    abs(got - wanted) <= share * abs(wanted)
  }

  @Test func `one server is down as long as it is down`() {
    #expect(down(1, 1, 0.01, 0.1) == 0.01)
    #expect(down(1, 1, 0, 0.1) == 0)
  }

  @Test func `servers without a common cause are down together by the binomial distribution`() {
    // 0.01², 3·0.01²·0.99 + 0.01³, 1 - 0.99³.
    #expect(isClose(down(2, 1, 0.01, 0), 1e-4))
    #expect(isClose(down(3, 2, 0.01, 0), 2.98e-4))
    #expect(isClose(down(3, 3, 0.01, 0), 0.029701))
    #expect(isClose(down(5, 1, 0.001, 0), 1e-15))
  }

  @Test func `the common cause comes on top`() {
    // β·U = 0.001, (1 - β)·U = 0.009: 0.001 + 0.999 · 0.009².
    #expect(isClose(down(2, 1, 0.01, 0.1), 0.001 + 0.999 * 0.000081))
    // 0.001 + 0.999 · (3·0.009²·0.991 + 0.009³).
    #expect(
      isClose(down(3, 2, 0.01, 0.1), 0.001 + 0.999 * (3 * 0.000081 * 0.991 + 0.000000729)))
    #expect(isClose(down(2, 1, 0.01, 1), 0.01))
  }

  @Test func `more servers than there are cannot work`() {
    #expect(down(2, 3, 0.01, 0.1) == 1)
    #expect(down(0, 1, 0, 0) == 1)
    #expect(down(2, 0, 0.5, 0.1) == 0)
    #expect(down(2, 1, .nan, 0.1) >= 0)
  }

  @Test func `a further server never harms, and never helps beyond the common cause`() {
    for needed in 1...3 {
      var before = 1.0
      for count in needed...12 where count > 1 {
        let now = down(count, needed, 0.02, 0.05)
        #expect(now <= before)
        #expect(now >= 0.02 * 0.05)
        before = now
      }
    }
  }

  @Test(arguments: [
    (3, 2, 0.3, UInt64(1)), (2, 1, 0.1, 2), (5, 4, 0.05, 3), (4, 4, 0.2, 4), (6, 4, 0.5, 5),
    (2, 1, 0, 6), (8, 7, 0, 7),
  ])
  func `a simulation of the same model agrees`(
    _ count: Int, _ needed: Int, _ beta: Double, _ seed: UInt64
  ) {
    // Faults come at the rate 1 for each server and are repaired in 0.02 on average.
    let world = FailingServers(count: count, needed: needed, rate: 1, repair: 0.02, beta: beta)
    let measured = world.shareDown(until: 60_000, seed: seed)
    let predicted = down(count, needed, 0.02 / 1.02, beta)
    #expect(isClose(measured, predicted, within: 0.06), "\(measured) and \(predicted)")
  }

  @Test func `Byar's limit is near the exact one`() {
    for (count, exact) in [(0, 3.689), (1, 5.572), (3, 8.767), (10, 18.39), (100, 121.63)] {
      #expect(isClose(PoissonLimit.upper(count), exact, within: 0.01))
    }
  }
}

/// Servers that fail by exponential times, each on its own and all at once, and are repaired by
/// exponential times: the beta factor model as a process.
private struct FailingServers {
  var count: Int
  var needed: Int
  /// Faults of one server in a unit of operation.
  var rate: Double
  var repair: Double
  var beta: Double

  func shareDown(until end: Double, seed: UInt64) -> Double {
    var random = SeededRandom(seed: seed)
    var (now, down) = (0.0, 0.0)
    var (failed, isCommon) = (0, false)
    while now < end {
      let rates = [
        Double(count - failed) * (1 - beta) * rate, Double(failed) / repair,
        isCommon ? 0 : beta * rate, isCommon ? 1 / repair : 0,
      ]
      let sum = rates.reduce(0, +)
      let span = -log(1 - random.fraction()) / sum
      if isCommon || count - failed < needed { down += span }
      now += span
      var ticket = random.fraction() * sum
      let event = rates.firstIndex { rate in
        ticket -= rate
        return ticket < 0
      }
      switch event {
      case 0: failed += 1
      case 1: failed -= 1
      case 2: isCommon = true
      case 3: isCommon = false
      default: break
      }
    }
    return down / now
  }
}
