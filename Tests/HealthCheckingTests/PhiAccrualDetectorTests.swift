import Primitives
import Testing

@testable import HealthChecking

struct PhiAccrualDetectorTests {
  private func detector(pause: TimeSpan = .zero) -> PhiAccrualDetector {
    PhiAccrualDetector(
      estimate: .seconds(1), minimumDeviation: .milliseconds(100), acceptablePause: pause)
  }

  private let start = Instant.zero + .hours(1)

  @Test func `nobody is missed before the first sign`() {
    #expect(detector().phi(now: start) == 0)
    #expect(detector().reaches(8) == nil)
  }

  @Test func `suspicion only grows while nothing is heard`() {
    var detector = detector()
    detector.heartbeat(now: start)
    var before = -1.0
    for milliseconds in stride(from: 0, through: 60_000, by: 50) {
      let phi = detector.phi(now: start + .milliseconds(Int64(milliseconds)))
      #expect(phi >= before && phi.isFinite)
      before = phi
    }
    #expect(before > 1_000)
  }

  /// With intervals of 1,000 ms and a deviation of 100 ms, against the exact normal distribution:
  /// −log₁₀ of half at the mean, of 2.275 % two deviations later, of 0.135 % three later.
  @Test func `suspicion is the logarithm of the tail of the normal distribution`() {
    var detector = detector()
    for second in 0..<200 { detector.heartbeat(now: start + .seconds(Int64(second))) }
    let last = start + .seconds(199)
    for (milliseconds, phi) in [(Int64(1_000), 0.301), (1_200, 1.643), (1_300, 2.870)] {
      #expect(abs(detector.phi(now: last + .milliseconds(milliseconds)) - phi) < 0.05)
    }
  }

  @Test func `the estimate stands in for signs that have not come`() {
    var detector = detector()
    detector.heartbeat(now: start)
    #expect(detector.phi(now: start + .seconds(1)) < 1)
    #expect(detector.phi(now: start + .seconds(4)) > 8)
  }

  @Test(arguments: 0..<20)
  func `the moment of certainty is where suspicion reaches the threshold`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var detector = detector(pause: .milliseconds(Int64(random.fraction() * 3_000)))
    var now = start
    for _ in 0..<random.below(150) {
      now = now + .milliseconds(Int64(500 + random.fraction() * 1_000))
      detector.heartbeat(now: now)
    }
    detector.heartbeat(now: now)
    for threshold in [1.5, 8, 16] {
      let at = try #require(detector.reaches(threshold))
      #expect(detector.phi(now: at) >= threshold)
      #expect(detector.phi(now: at + .milliseconds(-3)) < threshold)
    }
  }

  @Test func `only the last hundred intervals count, and a silence's own does not`() throws {
    var detector = detector()
    var now = start
    for _ in 0..<300 {
      now = now + .seconds(10)
      detector.heartbeat(now: now)
    }
    for _ in 0..<PhiAccrualDetector.window {
      now = now + .seconds(1)
      detector.heartbeat(now: now)
    }
    let usual = try #require(detector.reaches(8)) - now
    #expect(usual < .seconds(2))
    now = now + .hours(200)
    detector.heartbeat(now: now, isUsual: false)
    #expect(try #require(detector.reaches(8)) - now == usual)
  }

  @Test func `a clock that stands still or jumps does no harm`() {
    var detector = detector()
    for now in [start, start, .distantFuture, .zero, start, .distantFuture] {
      detector.heartbeat(now: now)
      #expect(detector.phi(now: .distantFuture).isFinite)
      #expect(detector.phi(now: .zero).isFinite)
      #expect(detector.reaches(8) != nil)
    }
  }
}
