import Balancing
import Primitives
import Testing

@Suite struct RetryBudgetTests {
  private let baseline = RetryBudget.baseline * RetryBudget.windowSeconds

  private func at(_ seconds: Int64) -> Instant { .zero + .seconds(seconds) }

  /// How many retries are there at a moment.
  private func take(_ budget: inout RetryBudget, _ now: Instant) -> Int {
    var count = 0
    while count < 100_000, budget.takeRetry(now) { count += 1 }
    return count
  }

  @Test func `a quiet service has the baseline`() {
    var budget = RetryBudget(share: 0.2)
    #expect(take(&budget, at(1_000)) == baseline)
  }

  @Test func `a busy service has its share on top`() {
    var budget = RetryBudget(share: 0.2)
    for number in 0..<1_000 { budget.countRequest(at(100 + Int64(number) / 100)) }
    #expect(take(&budget, at(109)) == baseline + 200)
    #expect(take(&budget, at(109)) == 0)
  }

  @Test func `requests and retries leave the window after ten seconds`() {
    var budget = RetryBudget(share: 0.5)
    for _ in 0..<100 { budget.countRequest(at(50)) }
    #expect(take(&budget, at(50)) == baseline + 50)
    #expect(take(&budget, at(59)) == 0)
    #expect(take(&budget, at(60)) == baseline)
    #expect(take(&budget, at(69)) == 0)
    #expect(take(&budget, at(1_000_000)) == baseline)
  }

  @Test func `a clock that stands or goes back does no harm`() {
    var budget = RetryBudget(share: 0)
    #expect(take(&budget, at(100)) == baseline)
    #expect(take(&budget, at(5)) == 0)
    #expect(take(&budget, at(109)) == 0)
    #expect(take(&budget, .distantFuture) == baseline)
    budget.countRequest(.distantFuture)
  }

  @Test func `retries stay under the share over any time`() {
    var random = SeededRandom(seed: 4)
    var budget = RetryBudget(share: 0.2)
    var (requests, retries): ([UInt64], [UInt64]) = ([], [])
    var now = Instant(nanoseconds: 0)
    for _ in 0..<20_000 {
      now = now + .milliseconds(Int64(random.below(20)))
      let second = now.nanoseconds / 1_000_000_000
      if random.below(3) == 0 {
        budget.countRequest(now)
        requests.append(second)
      } else {
        let recent = { (list: [UInt64]) in list.suffix(3_000).filter { $0 + 10 > second }.count }
        let allowed = Double(recent(requests)) * 0.2 + Double(baseline)
        let isAllowed = Double(recent(retries)) < allowed
        let isTaken = budget.takeRetry(now)
        #expect(isTaken == isAllowed)
        if isAllowed { retries.append(second) }
      }
    }
    #expect(retries.count > 100)
  }
}
