/// Bytes that a connection holds for a while: a partial head, a write that the socket wouldn't
/// take. Owns heap only while it holds something.
@safe public struct ByteBuffer: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  public private(set) var count = 0

  public init() { unsafe base = nil }

  /// A buffer that holds `count` bytes of zero: memory to read into.
  public init(zeroed count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    unsafe base = memory
    capacity = count
    self.count = count
  }

  deinit { unsafe base?.deallocate() }

  public var isEmpty: Bool { count == 0 }

  /// Whether it owns heap, be there bytes in it or not.
  public var hasHeap: Bool { capacity > 0 }

  /// The bytes held; valid until the next change.
  public var bytes: UnsafeRawBufferPointer {
    guard let base = unsafe base else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeRawBufferPointer(start: base + start, count: count)
  }

  /// The same bytes, to be changed in place.
  public var mutableBytes: UnsafeMutableRawBufferPointer {
    guard let base = unsafe base else {
      return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeMutableRawBufferPointer(start: base + start, count: count)
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    if capacity - start - count < bytes.count { reserve(bytes.count) }
    guard let base = unsafe base else { return }
    unsafe (base + start + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Drops the first bytes; the heap is given back with the last one.
  public mutating func removeFirst(_ number: Int) {
    precondition(number <= count)
    start += number
    count -= number
    if count == 0 { removeAll() }
  }

  /// Drops the first bytes. With the last one heap of more than `size` bytes is given back.
  public mutating func removeFirst(_ number: Int, keepingUpTo size: Int) {
    precondition(number <= count)
    start += number
    count -= number
    if count == 0 { removeAll(keepingUpTo: size) }
  }

  /// Keeps the first `number` bytes.
  public mutating func truncate(to number: Int) {
    precondition(number <= count)
    count = number
    if count == 0 { removeAll() }
  }

  public mutating func removeAll() {
    guard capacity > 0 else { return }
    unsafe base?.deallocate()
    unsafe base = nil
    (capacity, start, count) = (0, 0, 0)
  }

  /// Drops all bytes, but keeps heap of up to `size` bytes for the next ones.
  public mutating func removeAll(keepingUpTo size: Int) {
    guard capacity <= size else { return removeAll() }
    (start, count) = (0, 0)
  }

  /// Makes room behind the bytes, where there is too little.
  private mutating func reserve(_ more: Int) {
    let needed = count + more
    if needed <= capacity, let base = unsafe base {
      unsafe base.copyMemory(from: base + start, byteCount: count)
      start = 0
      return
    }
    let size = max(needed, capacity == 0 ? needed : capacity * 2)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    if let old = unsafe base {
      unsafe grown.copyMemory(from: old + start, byteCount: count)
      unsafe old.deallocate()
    }
    unsafe base = grown
    capacity = size
    start = 0
  }
}
