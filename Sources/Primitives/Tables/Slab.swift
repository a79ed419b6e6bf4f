/// Places with stable numbers, reused last-freed first. A place's generation changes with each
/// reuse, so that an event for an earlier tenant can be told from one for the present tenant.
@safe public struct Slab<Element: ~Copyable>: ~Copyable {
  @usableFromInline internal var places: UnsafeMutablePointer<Element>
  @usableFromInline internal var generations: UnsafeMutablePointer<UInt32>
  /// For a free place the next free one, -1 at the end; -2 for a place in use. No array, of which each look
  /// at an element would ask for its length first.
  @usableFromInline internal var links: UnsafeMutablePointer<Int32>
  @usableFromInline internal var firstFree: Int32 = -1
  @usableFromInline internal var capacity: Int
  @usableFromInline internal var used = 0
  @usableFromInline internal var ever = 0
  @inlinable public var count: Int { used }
  /// The most places in use at a time.
  public let limit: Int

  public init(limit: Int) {
    precondition(limit > 0 && limit < Int(Int32.max))
    self.limit = limit
    capacity = min(limit, 64)
    unsafe places = .allocate(capacity: capacity)
    unsafe generations = .allocate(capacity: capacity)
    unsafe links = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<ever where isUsed(index) { unsafe (places + index).deinitialize(count: 1) }
    unsafe places.deallocate()
    unsafe generations.deallocate()
    unsafe links.deallocate()
  }

  /// Numbers ever used; every index is under it.
  @inlinable public var extent: Int { ever }

  @inlinable public func isUsed(_ index: Int) -> Bool {
    // A number under 0 is a large one.
    unsafe UInt(bitPattern: index) < UInt(bitPattern: ever) && links[index] == -2
  }

  @inlinable public func generation(_ index: Int) -> UInt32 {
    precondition(index >= 0 && index < ever)
    return unsafe generations[index]
  }

  /// - Returns: the place's number, or nil when `limit` places are in use.
  @inlinable @inline(__always)
  public mutating func insert(_ element: consuming Element) -> Int? {
    guard let index = takePlace() else { return nil }
    unsafe (places + index).initialize(to: element)
    return index
  }

  /// A place that is to be initialized.
  @inlinable internal mutating func takePlace() -> Int? {
    guard used < limit else { return nil }
    used += 1
    let index: Int
    if firstFree >= 0 {
      index = Int(firstFree)
      firstFree = unsafe links[index]
    } else {
      index = ever
      if index == capacity { grow() }
      ever += 1
      unsafe generations[index] = 0
    }
    unsafe links[index] = -2
    return index
  }

  @inlinable public mutating func remove(_ index: Int) {
    precondition(isUsed(index))
    unsafe (places + index).deinitialize(count: 1)
    unsafe generations[index] &+= 1
    unsafe links[index] = firstFree
    firstFree = Int32(truncatingIfNeeded: index)
    used -= 1
  }

  @inlinable public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(isUsed(index))
      return unsafe UnsafePointer(places + index)
    }
    unsafeMutableAddress {
      precondition(isUsed(index))
      return unsafe places + index
    }
  }

  @usableFromInline internal mutating func grow() {
    let size = min(capacity * 2, limit)
    unsafe places = Self.moved(places, ever, to: size)
    unsafe generations = Slab<UInt32>.moved(generations, ever, to: size)
    unsafe links = Slab<Int32>.moved(links, ever, to: size)
    capacity = size
  }

  private static func moved(
    _ old: UnsafeMutablePointer<Element>, _ count: Int, to size: Int
  ) -> UnsafeMutablePointer<Element> {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: size)
    unsafe grown.moveInitialize(from: old, count: count)
    unsafe old.deallocate()
    return unsafe grown
  }
}
