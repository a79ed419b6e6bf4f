internal import CLinux
internal import Primitives

/// The bytes of one direction. While much comes they go through a pipe with `splice(2)` and are
/// never copied; a little is copied, which takes as many system calls and no pipe.
///
/// Nothing is read while something is held, so what is held is bounded by one read: `readBytes`
/// copied, or what a pipe takes.
struct RelayFlow: ~Copyable {
  enum Outcome: Equatable {
    /// It waits for its source, or for its sink.
    case waiting
    case unfinished
    /// The end was passed on, or nobody takes the bytes any more.
    case ended
    /// Reading failed, with -errno.
    case broken(Int32)
  }

  /// Bytes of one copied read, which the scratch memory has room for.
  static let readBytes = 65_536
  /// Moves before others get their turn.
  static let movesPerTurn = 16
  /// Splicing ends after so many pieces in a row that a copy would have done for as well.
  static let fewBytes = 8_192
  static let fewPieces = 8

  private var pipe: Pipe?
  private var inPipe = 0
  private var buffer = ByteBuffer()
  private var isBulk = false
  private var piecesOfFew = 0
  private var sourceEnded = false
  private(set) var isOver = false
  /// The sink takes nothing any more: what still comes is read and dropped, or the source's close
  /// would be answered by a reset that overtakes what it was sent.
  private(set) var isDropping = false
  /// Bytes taken from the source.
  private(set) var received: UInt64 = 0

  init() {}

  var isHolding: Bool { inPipe > 0 || !buffer.isEmpty }

  /// Bytes that go to the sink before all that is read from here on.
  mutating func hold(_ bytes: UnsafeRawBufferPointer, areReceived: Bool) {
    unsafe buffer.append(bytes)
    if areReceived { received &+= UInt64(bytes.count) }
  }

  mutating func move(
    from source: inout RelayEnd, to sink: inout RelayEnd, _ pipes: inout PipePool,
    _ scratch: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    if isOver { return .ended }
    var outcome = Outcome.unfinished
    for _ in 0..<Self.movesPerTurn where outcome == .unfinished {
      outcome = unsafe step(&source, &sink, &pipes, scratch)
    }
    if inPipe == 0 { release(&pipes) }
    return outcome
  }

  /// Gives the pipe back, with what is in it.
  mutating func release(_ pipes: inout PipePool) {
    if let pipe { pipes.giveBack(pipe, held: inPipe) }
    (pipe, inPipe) = (nil, 0)
  }

  private mutating func step(
    _ source: inout RelayEnd, _ sink: inout RelayEnd, _ pipes: inout PipePool,
    _ scratch: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    if isHolding, !isDropping {
      guard sink.isWritable else { return .waiting }
      flush(&sink)
      return .unfinished
    }
    if sourceEnded {
      // Its failure was told already, so that reading shows an end like any other.
      if source.error != 0 { return .broken(source.error) }
      if !isDropping { StreamSocket.shutdownWrite(sink.descriptor) }
      isOver = true
      return .ended
    }
    guard source.isReadable else { return .waiting }
    if isBulk, !isDropping {
      if pipe == nil { pipe = pipes.take() }
      if let pipe { return splice(&source, pipe) }
    }
    return unsafe copy(&source, &sink, scratch)
  }

  // MARK: In

  private mutating func splice(_ source: inout RelayEnd, _ pipe: Pipe) -> Outcome {
    let count = cl_splice(source.descriptor, pipe.writing, PipePool.bytes)
    // Some kinds of descriptors can't be spliced.
    if count == Int(-EINVAL) {
      isBulk = false
      return .unfinished
    }
    guard count > 0 else { return took(count, &source) }
    inPipe = count
    received &+= UInt64(count)
    piecesOfFew = count <= Self.fewBytes ? piecesOfFew + 1 : 0
    if piecesOfFew >= Self.fewPieces { isBulk = false }
    return .unfinished
  }

  private mutating func copy(
    _ source: inout RelayEnd, _ sink: inout RelayEnd, _ scratch: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[0..<Self.readBytes])
    let count = unsafe StreamSocket.receive(source.descriptor, into: room)
    guard count > 0 else { return took(count, &source) }
    if count == Self.readBytes {
      (isBulk, piecesOfFew) = (true, 0)
    } else if !source.peerClosed {
      // A short read means that the socket is drained, unless its end is still to be read.
      source.isReadable = false
    }
    received &+= UInt64(count)
    if isDropping { return .unfinished }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: scratch[0..<count])
    let sent = sink.isWritable ? unsafe send(bytes, &sink) : 0
    if sent < count, !isDropping {
      unsafe buffer.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
    }
    return .unfinished
  }

  /// A read that brought no bytes.
  private mutating func took(_ result: Int, _ source: inout RelayEnd) -> Outcome {
    if result == StreamSocket.interrupted { return .unfinished }
    source.isReadable = false
    if result == StreamSocket.wouldBlock { return .waiting }
    if result == 0 {
      sourceEnded = true
      return .unfinished
    }
    return .broken(Int32(truncatingIfNeeded: result))
  }

  // MARK: Out

  private mutating func flush(_ sink: inout RelayEnd) {
    guard let pipe, inPipe > 0 else {
      let sent = unsafe send(buffer.bytes, &sink)
      if sent > 0 { buffer.removeFirst(sent) }
      return
    }
    let count = cl_splice(pipe.reading, sink.descriptor, inPipe)
    if count > 0 {
      inPipe -= min(count, inPipe)
    } else {
      failed(count, &sink)
    }
  }

  /// - Returns: bytes that the sink took.
  private mutating func send(_ bytes: UnsafeRawBufferPointer, _ sink: inout RelayEnd) -> Int {
    let sent = unsafe StreamSocket.send(sink.descriptor, bytes)
    if sent < 0 {
      failed(sent, &sink)
      return 0
    }
    if sent < bytes.count { sink.isWritable = false }
    return sent
  }

  private mutating func failed(_ result: Int, _ sink: inout RelayEnd) {
    if result == StreamSocket.interrupted { return }
    sink.isWritable = false
    if result == StreamSocket.wouldBlock { return }
    // Its other direction may still have something for us, and shows how it ended.
    sink.isReadable = true
    sink.peerClosed = true
    if sink.error == 0, result != Int(-EPIPE) { sink.error = Int32(truncatingIfNeeded: result) }
    isDropping = true
    buffer.removeAll()
  }
}
