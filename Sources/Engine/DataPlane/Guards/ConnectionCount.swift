import Synchronization

/// How many connections all workers have open at a listener.
final class ConnectionCount: Sendable {
  private let open = Atomic<Int>(0)

  /// - Parameter most: 0 is no limit.
  /// - Returns: whether there was room.
  func enter(most: Int) -> Bool {
    let before = open.add(1, ordering: .relaxed).oldValue
    guard most > 0, before >= most else { return true }
    leave()
    return false
  }

  func leave() { open.subtract(1, ordering: .relaxed) }
}

/// How many of them each address has.
final class AddressCounts: Sendable {
  private let table: SharedTable

  /// - Returns: nil without memory.
  init?() {
    guard let table = SharedTable(sets: SharedTable.mostSets) else { return nil }
    self.table = table
  }

  /// - Returns: where the connection is counted; nil when there was no room.
  func enter(_ hash: UInt64, most: Int) -> SharedTable.Place? {
    table.change(hash, isFree: { $0 == 0 }) { count, place in
      guard count < UInt64(max(0, most)) else { return nil }
      count += 1
      return place
    }
  }

  func leave(_ hash: UInt64, _ place: SharedTable.Place) {
    table.change(hash, at: place) { count in if count > 0 { count -= 1 } }
  }
}
