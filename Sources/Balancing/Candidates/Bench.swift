/// Candidates that were found ejected or full by an algorithm that keeps an order, and so would be
/// found first again and again. They sit out until their load changes, or for `patience`.
struct Bench: Sendable {
  /// In no order.
  private(set) var places: [Int32] = []
  /// Where each candidate sits in `places`; -1 for those that don't.
  private var seats: [Int32] = []

  init() {}

  /// Room for all, so that nothing is allocated later.
  init(count: Int) {
    places.reserveCapacity(count)
    seats = Array(repeating: -1, count: count)
  }

  mutating func insert(_ place: Int) {
    guard seats[place] < 0 else { return }
    seats[place] = Int32(truncatingIfNeeded: places.count)
    places.append(Int32(truncatingIfNeeded: place))
  }

  /// - Returns: whether it sat there.
  mutating func remove(_ place: Int) -> Bool {
    let seat = Int(seats[place])
    guard seat >= 0 else { return false }
    let last = places.removeLast()
    if Int(last) != place {
      places[seat] = last
      seats[Int(last)] = Int32(truncatingIfNeeded: seat)
    }
    seats[place] = -1
    return true
  }
}
