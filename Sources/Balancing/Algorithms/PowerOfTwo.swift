import Primitives

/// The better of two that are drawn in proportion to the weights, where better is fewer requests
/// under way for its weight, `(inflight + 1) / weight`. Mitzenmacher, "The Power of Two Choices in
/// Randomized Load Balancing", 1996 (2001): the longest queue falls from log n to log log n, and
/// nobody runs to the one idle server as with an exact minimum over several balancers.
///
/// With equal weights the two are different ones. With unequal weights they may be the same, and of
/// two idle ones the first drawn is taken: so shares follow the weights at low load as well.
extension Balancer {
  mutating func pickPowerOfTwo(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom
  ) -> Int {
    pickOfTwo(question, loads, &random) { first, second in
      isLessBusy(second, than: first, loads)
    }
  }

  @inline(__always) func isLessBusy(_ one: Int, than other: Int, _ loads: [ServerLoad]) -> Bool {
    let (left, right) = (
      loads[candidates[one].server].inflight, loads[candidates[other].server].inflight
    )
    if left | right == 0 { return false }
    // Under 2^27 each for the weights, and nobody has 2^35 requests under way.
    return (left &+ 1) &* candidates[other].effective < (right &+ 1) &* candidates[one].effective
  }

  /// Draws two until one of them is open.
  @inline(__always) func pickOfTwo(
    _ question: Question, _ loads: [ServerLoad], _ random: inout SeededRandom,
    isBetter: (_ first: Int, _ second: Int) -> Bool
  ) -> Int {
    for _ in 0..<Self.pairs {
      let first = sampling.draw(&random)
      let second =
        sampling.isUniform
        ? sampling.drawOther(than: first, &random) : sampling.draw(&random)
      if admits(first, question, loads) {
        guard second != first, admits(second, question, loads) else { return first }
        return isBetter(first, second) ? second : first
      }
      if second != first, admits(second, question, loads) { return second }
    }
    return -1
  }
}
