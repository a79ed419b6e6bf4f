import Glibc
import Synchronization

/// Numbers by key that all workers read and change, exactly: what one admits, the others know at
/// once. The one thing that workers share (decision 11).
///
/// A key's hash chooses a set of seven places. A set is held by one worker at a time, for as long as
/// it takes to look at seven keys; nobody allocates, calls the system or waits for anything while it
/// holds one. When all places of a set are in use, further keys of it share one number.
@safe final class SharedTable: @unchecked Sendable {
  /// Two cache lines.
  private struct Bucket: ~Copyable {
    let isHeld = Atomic<Bool>(false)
    /// 0 for a place that was never used.
    var keys = InlineArray<7, UInt64>(repeating: 0)
    var values = InlineArray<7, UInt64>(repeating: 0)
    /// For all keys that have no place.
    var shared: UInt64 = 0
  }

  private static let ways = 7
  /// Of a table for many keys: 57,344 places in 1 MiB, of which only touched pages take memory.
  static let mostSets = 8_192

  private let memory: UnsafeMutableRawPointer
  private let buckets: UnsafeMutablePointer<Bucket>
  private let mask: UInt64

  /// - Parameter sets: a power of two.
  /// - Returns: nil without memory.
  init?(sets: Int) {
    precondition(sets > 0 && sets & (sets - 1) == 0 && MemoryLayout<Bucket>.stride == 128)
    // Zero is what an empty bucket looks like.
    guard let memory = unsafe calloc(sets + 1, 128) else { return nil }
    unsafe self.memory = memory
    unsafe buckets = memory.alignedUp(toMultipleOf: 128).bindMemory(to: Bucket.self, capacity: sets)
    mask = UInt64(sets - 1)
  }

  deinit { unsafe free(memory) }

  /// Where a key's number stands.
  enum Place: Sendable {
    case own
    /// With other keys, since its set is full.
    case shared
  }

  /// Changes the number of a key; it begins with 0.
  /// - Parameter isFree: whether a number says as much as none, so that its place may be given to
  ///   another key.
  func change<Result>(
    _ hash: UInt64, isFree: (UInt64) -> Bool, _ body: (inout UInt64, Place) -> Result
  ) -> Result {
    let key = hash == 0 ? 1 : hash
    let index = Int(truncatingIfNeeded: (key >> 32) & mask)
    hold(index)
    defer { unsafe buckets[index].isHeld.store(false, ordering: .releasing) }
    var free: Int?
    for way in 0..<Self.ways {
      let other = unsafe buckets[index].keys[way]
      if other == key { return unsafe body(&buckets[index].values[way], .own) }
      if free == nil, unsafe other == 0 || isFree(buckets[index].values[way]) { free = way }
    }
    guard let free else { return unsafe body(&buckets[index].shared, .shared) }
    unsafe buckets[index].keys[free] = key
    unsafe buckets[index].values[free] = 0
    return unsafe body(&buckets[index].values[free], .own)
  }

  /// Changes the number of a key at the place where it was before.
  func change(_ hash: UInt64, at place: Place, _ body: (inout UInt64) -> Void) {
    let key = hash == 0 ? 1 : hash
    let index = Int(truncatingIfNeeded: (key >> 32) & mask)
    hold(index)
    defer { unsafe buckets[index].isHeld.store(false, ordering: .releasing) }
    switch place {
    case .shared: unsafe body(&buckets[index].shared)
    case .own:
      for way in 0..<Self.ways where unsafe buckets[index].keys[way] == key {
        return unsafe body(&buckets[index].values[way])
      }
    }
  }

  private func hold(_ index: Int) {
    var turns = 0
    while unsafe !buckets[index].isHeld.compareExchange(
      expected: false, desired: true, ordering: .acquiring
    ).exchanged {
      turns &+= 1
      // Its holder may have lost the core.
      if turns & 63 == 0 { sched_yield() }
    }
  }
}

extension UnsafeMutableRawPointer {
  /// The next address that is a multiple of `alignment`, a power of two.
  fileprivate func alignedUp(toMultipleOf alignment: UInt) -> UnsafeMutableRawPointer {
    let rest = UInt(bitPattern: self) & (alignment - 1)
    return unsafe self + Int(rest == 0 ? 0 : alignment - rest)
  }
}
