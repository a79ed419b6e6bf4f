/// Frames on their way out, gathered so that many go with one system call. One serves many sessions,
/// one after the other.
public final class FrameBatch {
  private(set) var storage: [UInt8] = []
  /// When so much is in it, it is to be sent.
  public let fullBytes: Int

  /// - Parameter fullBytes: a batch holds so much and at most one frame more.
  public init(fullBytes: Int = 65_536) {
    self.fullBytes = fullBytes
  }

  public var count: Int { storage.count }
  public var isFull: Bool { storage.count >= fullBytes }

  /// What is in it; valid until the next change.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe storage.withUnsafeBytes { unsafe body($0) }
  }

  public func removeAll() { storage.removeAll(keepingCapacity: true) }

  func append(_ bytes: UnsafeRawBufferPointer) { unsafe storage.append(contentsOf: bytes) }
}
