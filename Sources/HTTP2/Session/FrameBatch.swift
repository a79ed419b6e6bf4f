import Primitives

/// Frames on their way out, gathered so that many go with one system call. One serves many sessions,
/// one after the other.
@safe public final class FrameBatch {
  // Nothing is called while it is changed, which therefore needn't be looked after as the program runs.
  @exclusivity(unchecked) private var storage = ByteBuffer()
  /// When so much is in it, it is to be sent.
  public let fullBytes: Int

  /// - Parameter fullBytes: a batch holds so much and at most one frame more.
  public init(fullBytes: Int = 65_536) {
    self.fullBytes = fullBytes
  }

  public var count: Int { unsafe storage.count }
  public var isFull: Bool { unsafe storage.count >= fullBytes }

  /// What is in it; valid until the next change.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe body(storage.bytes)
  }

  public func removeAll() { unsafe storage.removeAll(keepingUpTo: .max) }

  func append(_ bytes: UnsafeRawBufferPointer) { unsafe storage.append(bytes) }
}
