import CBrotli

/// brotli: a window of 256 KiB at most; 2 MiB of memory at level 4, 3.6 MiB at 6.
@safe final class BrotliStream: CodingStream {
  /// 256 KiB.
  private static let windowBits: UInt32 = 18

  private var state: OpaquePointer?
  private let level: UInt32

  /// The library can't begin anew.
  let isReusable = false

  init(level: Int) {
    self.level = UInt32(level)
    unsafe state = nil
  }

  deinit { unsafe BrotliEncoderDestroyInstance(state) }

  func begin(size: Int64?) -> Bool {
    unsafe BrotliEncoderDestroyInstance(state)
    unsafe state = BrotliEncoderCreateInstance(nil, nil, nil)
    guard let state = unsafe state else { return false }
    _ = unsafe BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, level)
    _ = unsafe BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, Self.windowBits)
    // Tables fit small content.
    if let size {
      let hint = UInt32(clamping: size)
      _ = unsafe BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT, hint)
    }
    return true
  }

  func encode(
    _ input: UnsafeRawBufferPointer, _ mode: Encoder.Mode,
    into window: UnsafeMutableRawBufferPointer
  ) throws(Encoder.Failure) -> Encoder.Step {
    guard let state = unsafe state else { throw Encoder.Failure() }
    var left = input.count
    var room = window.count
    var source = unsafe input.bindMemory(to: UInt8.self).baseAddress
    var target = unsafe window.bindMemory(to: UInt8.self).baseAddress
    let operation =
      switch mode {
      case .more: BROTLI_OPERATION_PROCESS
      case .flush: BROTLI_OPERATION_FLUSH
      case .finish: BROTLI_OPERATION_FINISH
      }
    let isGood = unsafe BrotliEncoderCompressStream(
      state, operation, &left, &source, &room, &target, nil)
    guard isGood != 0 else { throw Encoder.Failure() }
    let hasMore = unsafe BrotliEncoderHasMoreOutput(state) != 0
    let isDone =
      switch mode {
      case .more, .flush: left == 0 && !hasMore
      case .finish: unsafe BrotliEncoderIsFinished(state) != 0
      }
    return Encoder.Step(
      consumed: input.count - left, produced: window.count - room, isDone: isDone)
  }
}
