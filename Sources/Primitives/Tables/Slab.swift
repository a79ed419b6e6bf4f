/// Places with stable numbers, reused last-freed first. A place's generation changes with each
/// reuse, so that an event for an earlier tenant can be told from one for the present tenant.
@safe public struct Slab<Element: ~Copyable>: ~Copyable {
  @usableFromInline internal var places: UnsafeMutablePointer<Element>
  @usableFromInline internal var generations: [UInt32] = []
  /// For a free place the next free one, -1 at the end; -2 for a place in use.
  @usableFromInline internal var links: [Int32] = []
  @usableFromInline internal var firstFree: Int32 = -1
  @usableFromInline internal var capacity: Int
  @usableFromInline internal var used = 0
  @inlinable public var count: Int { used }
  /// The most places in use at a time.
  public let limit: Int

  public init(limit: Int) {
    precondition(limit > 0 && limit < Int(Int32.max))
    self.limit = limit
    capacity = min(limit, 64)
    unsafe places = .allocate(capacity: capacity)
  }

  deinit {
    for index in links.indices where links[index] == -2 {
      unsafe (places + index).deinitialize(count: 1)
    }
    unsafe places.deallocate()
  }

  /// Numbers ever used; every index is under it.
  public var extent: Int { links.count }

  @inlinable public func isUsed(_ index: Int) -> Bool { index < links.count && links[index] == -2 }

  @inlinable public func generation(_ index: Int) -> UInt32 { generations[index] }

  /// - Returns: the place's number, or nil when `limit` places are in use.
  @inlinable public mutating func insert(_ element: consuming Element) -> Int? {
    guard used < limit else { return nil }
    used += 1
    if firstFree >= 0 {
      let index = Int(firstFree)
      firstFree = links[index]
      links[index] = -2
      unsafe (places + index).initialize(to: element)
      return index
    }
    let index = links.count
    if index == capacity { grow() }
    links.append(-2)
    generations.append(0)
    unsafe (places + index).initialize(to: element)
    return index
  }

  @inlinable public mutating func remove(_ index: Int) {
    precondition(isUsed(index))
    unsafe (places + index).deinitialize(count: 1)
    generations[index] &+= 1
    links[index] = firstFree
    firstFree = Int32(truncatingIfNeeded: index)
    used -= 1
  }

  @inlinable public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(index < links.count && links[index] == -2)
      return unsafe UnsafePointer(places + index)
    }
    unsafeMutableAddress {
      precondition(index < links.count && links[index] == -2)
      return unsafe places + index
    }
  }

  @usableFromInline internal mutating func grow() {
    let size = min(capacity * 2, limit)
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: size)
    unsafe grown.moveInitialize(from: places, count: links.count)
    unsafe places.deallocate()
    unsafe places = grown
    capacity = size
  }
}
