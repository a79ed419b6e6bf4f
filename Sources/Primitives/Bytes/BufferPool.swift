/// Empty buffers with heap, for uses that are short and many: their heap goes from one to the next. For
/// one thread.
@safe public final class BufferPool {
  private let spare: UnsafeMutablePointer<ByteBuffer>
  // Nothing is called while it is changed, which therefore needn't be looked after as the program runs.
  @exclusivity(unchecked) private var spares = 0
  /// The most buffers that are kept, and bytes of each.
  public let limit: Int
  public let keptBytes: Int

  public init(limit: Int = 64, keptBytes: Int = 4_096) {
    precondition(limit > 0)
    self.limit = limit
    self.keptBytes = keptBytes
    unsafe spare = .allocate(capacity: limit)
  }

  deinit {
    unsafe spare.deinitialize(count: count)
    unsafe spare.deallocate()
  }

  public var count: Int { unsafe spares }

  /// - Returns: an empty buffer, the one that was given last.
  public func take() -> ByteBuffer {
    guard count > 0 else { return ByteBuffer() }
    unsafe spares -= 1
    return unsafe (spare + spares).move()
  }

  /// Empties the buffer and takes its heap, unless it is much or there is enough.
  public func give(_ buffer: inout ByteBuffer) {
    var given = ByteBuffer()
    swap(&given, &buffer)
    given.removeAll(keepingUpTo: keptBytes)
    guard given.hasHeap, count < limit else { return }
    unsafe (spare + spares).initialize(to: given)
    unsafe spares += 1
  }
}
