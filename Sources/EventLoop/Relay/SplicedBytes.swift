internal import CLinux

/// Bytes of a body on their way from one socket to another through a pipe, with `splice(2)`: they are
/// never copied into the process. It has a pipe only while bytes are in it. Not given back, a pipe is lost:
/// call `release` when the connection ends.
///
/// Nothing is taken while something is held, so that what is held is bounded by one pipe, and a result
/// of the source is never mistaken for one of the pipe.
public struct SplicedBytes: ~Copyable {
  private var pipe: Pipe?
  /// Bytes in the pipe.
  public private(set) var held = 0

  public init() {}

  /// Takes bytes out of a socket.
  /// - Returns: how many, 0 at its end, or -errno; nil where there is no pipe, or a descriptor that
  ///   can't be spliced: then they have to be copied.
  public mutating func take(
    from source: Int32, atMost most: Int, _ pipes: inout PipePool
  ) -> Int? {
    precondition(held == 0)
    guard let taken = pipes.take() else { return nil }
    pipe = taken
    let count = cl_splice(source, taken.writing, min(most, PipePool.bytes))
    held = max(0, count)
    if held == 0 { release(&pipes) }
    return count == Int(-EINVAL) ? nil : count
  }

  /// Gives a socket what is held.
  /// - Returns: bytes that it took, maybe fewer; 0 when it takes none now, or -errno.
  public mutating func give(to sink: Int32, _ pipes: inout PipePool) -> Int {
    guard let pipe else { return 0 }
    var given = 0
    while held > 0 {
      let count = cl_splice(pipe.reading, sink, held)
      if count == StreamSocket.interrupted { continue }
      guard count > 0 else { return given > 0 || count == StreamSocket.wouldBlock ? given : count }
      given += count
      held -= min(count, held)
    }
    release(&pipes)
    return given
  }

  /// Gives the pipe back. Bytes that are still held are lost.
  public mutating func release(_ pipes: inout PipePool) {
    if let pipe { pipes.giveBack(pipe, held: held) }
    (pipe, held) = (nil, 0)
  }
}
