import Primitives
import Scaling
import Testing

@Suite struct ScalingJournalTests {
  private func decision(_ from: Int, _ to: Int, _ reason: ScalingDecision.Reason) -> ScalingDecision
  {
    ScalingDecision(from: from, to: to, wanted: to, reason: reason)
  }

  @Test func `looks that change nothing for the same reason are one entry`() {
    var journal = ScalingJournal()
    for second in 0..<10 {
      journal.add(decision(2, 2, .steady), at: WallTime(milliseconds: Int64(second) * 1_000))
    }
    journal.add(decision(2, 4, .cpu), at: WallTime(milliseconds: 10_000))
    journal.add(decision(4, 4, .steady), at: WallTime(milliseconds: 11_000))
    #expect(journal.entries.map(\.times) == [10, 1, 1])
    #expect(journal.entries[0].until == WallTime(milliseconds: 9_000))
  }

  @Test func `it is bounded`() {
    var journal = ScalingJournal()
    for count in 0..<200 {
      journal.add(decision(count, count + 1, .cpu), at: WallTime(milliseconds: 0))
    }
    #expect(journal.entries.count == ScalingJournal.limit)
    #expect(journal.entries.last?.decision.to == 200)
  }
}
