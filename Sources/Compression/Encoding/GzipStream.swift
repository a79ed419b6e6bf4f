import CZlib

/// gzip by zlib: a window of 32 KiB, 262 KiB of memory.
@safe final class GzipStream: CodingStream {
  /// 15 bits of window, and gzip's own head and checksum around.
  private static let windowBits: Int32 = 15 + 16
  private static let memoryLevel: Int32 = 8

  // The library keeps a pointer to it, so it must not move.
  private let state: UnsafeMutablePointer<z_stream>

  let isReusable = true

  init?(level: Int) {
    let memory = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe memory.initialize(to: z_stream())
    let code = unsafe deflateInit2_(
      memory, Int32(level), Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      unsafe memory.deallocate()
      return nil
    }
    unsafe state = memory
  }

  deinit {
    _ = unsafe deflateEnd(state)
    unsafe state.deallocate()
  }

  func begin(size: Int64?) -> Bool { unsafe deflateReset(state) == Z_OK }

  func encode(
    _ input: UnsafeRawBufferPointer, _ mode: Encoder.Mode,
    into window: UnsafeMutableRawBufferPointer
  ) throws(Encoder.Failure) -> Encoder.Step {
    let source = unsafe input.bindMemory(to: UInt8.self)
    let target = unsafe window.bindMemory(to: UInt8.self)
    // The library does not write to its input.
    unsafe state.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
    unsafe state.pointee.avail_in = UInt32(clamping: input.count)
    unsafe state.pointee.next_out = target.baseAddress
    unsafe state.pointee.avail_out = UInt32(clamping: window.count)
    let flush =
      switch mode {
      case .more: Z_NO_FLUSH
      case .flush: Z_SYNC_FLUSH
      case .finish: Z_FINISH
      }
    let code = unsafe deflate(state, flush)
    // Z_BUF_ERROR: there was nothing to do, or no room left, which is no error.
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw Encoder.Failure()
    }
    let left = unsafe Int(state.pointee.avail_in)
    let room = unsafe Int(state.pointee.avail_out)
    let isDone =
      switch mode {
      case .more: left == 0
      // With room left all is out.
      case .flush: left == 0 && room > 0
      case .finish: code == Z_STREAM_END
      }
    let step = Encoder.Step(
      consumed: input.count - left, produced: window.count - room, isDone: isDone)
    // Standing still with room on both sides would be for ever.
    if !isDone, step.consumed == 0, step.produced == 0 { throw Encoder.Failure() }
    return step
  }
}
