import CZstd

/// zstd: a window of 256 KiB at most; 1.8 MiB of memory at level 3, 4 MiB at 6.
@safe final class ZstdStream: CodingStream {
  /// 256 KiB; browsers take up to 8 MiB (RFC 9659).
  private static let windowLog: Int32 = 18

  private let state: OpaquePointer
  private let level: Int32

  let isReusable = true

  init?(level: Int) {
    guard let state = unsafe ZSTD_createCCtx() else { return nil }
    unsafe self.state = state
    self.level = Int32(level)
  }

  deinit { _ = unsafe ZSTD_freeCCtx(state) }

  func begin(size: Int64?) -> Bool {
    let codes = unsafe [
      ZSTD_CCtx_reset(state, ZSTD_reset_session_and_parameters),
      ZSTD_CCtx_setParameter(state, ZSTD_c_compressionLevel, level),
      ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, Self.windowLog),
      // Tables fit small content. A body that comes to another size ends in an error, as it must.
      ZSTD_CCtx_setPledgedSrcSize(state, size.map { UInt64($0) } ?? UInt64.max),
    ]
    return codes.allSatisfy { ZSTD_isError($0) == 0 }
  }

  func encode(
    _ input: UnsafeRawBufferPointer, _ mode: Encoder.Mode,
    into window: UnsafeMutableRawBufferPointer
  ) throws(Encoder.Failure) -> Encoder.Step {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: window.baseAddress, size: window.count, pos: 0)
    let operation =
      switch mode {
      case .more: ZSTD_e_continue
      case .flush: ZSTD_e_flush
      case .finish: ZSTD_e_end
      }
    let left = unsafe ZSTD_compressStream2(state, &target, &source, operation)
    guard ZSTD_isError(left) == 0 else { throw Encoder.Failure() }
    let (consumed, produced) = unsafe (source.pos, target.pos)
    let isDone = mode == .more ? consumed == input.count : left == 0
    if !isDone, consumed == 0, produced == 0 { throw Encoder.Failure() }
    return Encoder.Step(consumed: consumed, produced: produced, isDone: isDone)
  }
}
