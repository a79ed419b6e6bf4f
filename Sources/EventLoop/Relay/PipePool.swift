internal import CLinux

/// A pipe whose ends don't block: what `splice(2)` moves bytes through.
struct Pipe {
  let reading: Int32
  let writing: Int32

  /// Nil when no descriptor is left.
  static func open() -> Pipe? {
    var (reading, writing) = (Int32(-1), Int32(-1))
    guard unsafe cl_pipe(&reading, &writing) == 0 else { return nil }
    _ = cl_pipe_resize(writing, Int32(PipePool.bytes))
    return Pipe(reading: reading, writing: writing)
  }

  func close() {
    _ = cl_close(reading)
    _ = cl_close(writing)
  }
}

/// The pipes of one event loop. A flow has one while bytes are in it and no longer, so that a few
/// serve many connections; where there are none left, bytes are copied instead.
public struct PipePool: ~Copyable {
  /// Room of one pipe; the kernel may give less, and takes memory only for what is in it.
  public static let bytes = 256 << 10

  private var idle: [Pipe] = []
  /// Open ones, in use or not.
  public private(set) var count = 0
  /// The most that are open at a time; each takes two descriptors.
  public let limit: Int

  public init(limit: Int) { self.limit = limit }

  deinit { for pipe in idle { pipe.close() } }

  /// An empty pipe; nil when there is none left.
  mutating func take() -> Pipe? {
    if let pipe = idle.popLast() { return pipe }
    guard count < limit, let pipe = Pipe.open() else { return nil }
    count += 1
    return pipe
  }

  /// - Parameter held: bytes that are still in it; then it is closed, for nobody else may get them.
  mutating func giveBack(_ pipe: Pipe, held: Int) {
    if held == 0 {
      idle.append(pipe)
    } else {
      pipe.close()
      count -= 1
    }
  }
}
