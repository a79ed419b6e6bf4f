import Primitives

/// The fewest requests under way for the weight: exactly the minimum of
///
///     0                          for an idle server
///     (inflight + 1) / weight    for any other
///
/// kept in a tournament tree (Knuth, "The Art of Computer Programming", vol. 3, 5.4.1), where a change
/// replays the matches on one way to the root, O(log n). Idle ones are equal whatever their weights, or
/// the heaviest would have all of a light load; of equals the one whose turn it is wins, by strides of
/// 1/weight as in WeightedRoundRobin.swift.
struct TournamentTree: Sendable {
  struct Player: Sendable {
    /// `(inflight + 1)·2^28 / weight`: equal shares give equal numbers; 0 for an idle one.
    var cost: UInt64
    /// When its next turn is, on a scale of `2^28 / weight` a turn.
    var turn: UInt64
    var stride: UInt64
    /// Its place in the order of all last turns; else the first of equals would have more of them.
    var last: UInt64

    /// Of two that are equal in everything each is.
    @inline(__always) func isBefore(_ other: Player) -> Bool {
      if cost != other.cost { return cost < other.cost }
      return turn != other.turn ? turn < other.turn : last <= other.last
    }
  }

  /// Out of the tournament.
  static let out = UInt64.max

  private var players: [Player] = []
  /// The winner of each match: the children of `i` are `2i` and `2i + 1`, the players stand from
  /// `players.count` on, and the first winner is that of all.
  private var winners: [Int32] = []
  /// The turn of the last one that had one.
  private var present: UInt64 = 0
  private var turns: UInt64 = 0

  init() {}

  /// - Parameter origins: where each stood before; -1 for a new one, whose turn is at once.
  mutating func adopt(_ costs: [UInt64], weights: [Int], origins: [Int32]) {
    let old = players
    players = costs.indices.map { place in
      let origin = Int(origins[place])
      let known = origin >= 0 && origin < old.count
      return Player(
        cost: costs[place], turn: known ? old[origin].turn : present,
        stride: Self.cost(inflight: 0, weights[place]), last: known ? old[origin].last : 0)
    }
    let count = players.count
    winners = Array(repeating: 0, count: 2 * count)
    for place in 0..<count { winners[count + place] = Int32(place) }
    for match in stride(from: count - 1, to: 0, by: -1) { play(match) }
  }

  static func cost(inflight: Int, weight: Int) -> UInt64 {
    inflight <= 0 ? 0 : cost(inflight: inflight, weight)
  }

  private static func cost(inflight: Int, _ weight: Int) -> UInt64 {
    // 2^35 under way at most, which is more than there are descriptors.
    (UInt64(min(max(inflight, 0), 1 << 34)) &+ 1) << 28 / UInt64(max(1, weight))
  }

  var winner: Int { winners.count > 1 ? Int(winners[1]) : 0 }
  func cost(_ place: Int) -> UInt64 { players[place].cost }

  @inline(__always) mutating func set(_ place: Int, cost: UInt64) {
    if players[place].cost == cost { return }
    players[place].cost = cost
    replay(place)
  }

  @inline(__always) mutating func hadTurn(_ place: Int) {
    // Who was passed over for long gets one turn at once, and not all that it missed.
    present = max(present, players[place].turn)
    players[place].turn = present &+ players[place].stride
    turns &+= 1
    players[place].last = turns
    replay(place)
  }

  private mutating func replay(_ place: Int) {
    var match = (players.count + place) / 2
    while match > 0 {
      play(match)
      match /= 2
    }
  }

  @inline(__always) private mutating func play(_ match: Int) {
    let (left, right) = (winners[2 * match], winners[2 * match + 1])
    let (one, other) = (players[Int(left)], players[Int(right)])
    winners[match] = one.isBefore(other) ? left : right
  }
}

extension Balancer {
  mutating func pickLeastConnections(
    _ question: Question, _ loads: [ServerLoad]
  ) -> Int {
    // What this request alone may not have sits out for this pick, everything else on the bench.
    var aside = InlineArray<12, Int32>(repeating: -1)
    var asideCount = 0
    var chosen = -1
    for _ in 0..<Self.attempts {
      let place = tournament.winner
      if tournament.cost(place) == TournamentTree.out { break }
      if !isOpen(place, question.now, loads) {
        sitOut(place, question.now)
      } else if question.wasTried(candidates[place].server) {
        aside[asideCount] = Int32(truncatingIfNeeded: place)
        asideCount += 1
        tournament.set(place, cost: TournamentTree.out)
        if asideCount == 12 { break }
      } else {
        tournament.hadTurn(place)
        chosen = place
        break
      }
    }
    for index in 0..<asideCount { rank(Int(aside[index]), loads) }
    return chosen
  }
}
