import Simulation
import Testing

@Test("equal shares are wholly fair, and one that has everything is as unfair as can be")
func fairnessOfShares() {
  #expect(fairness(of: [2, 2, 2, 2]) == 1)
  #expect(fairness(of: [8, 0, 0, 0]) == 0.25)
  #expect(fairness(of: []) == 1)
}
