import CZlib
import CZstd
import Glibc
import Topology

/// What the libraries' own decoders make of it: the content so far, and whether it is whole. Nil when
/// it is broken.
func decode(_ coding: ContentCoding, _ bytes: [UInt8]) -> (content: [UInt8], isWhole: Bool)? {
  switch coding {
  case .gzip: decodeGzip(bytes)
  case .brotli: BrotliDecoder.decode(bytes)
  case .zstd: decodeZstd(bytes)
  }
}

private let mostContent = 1 << 20

private func decodeGzip(_ bytes: [UInt8]) -> (content: [UInt8], isWhole: Bool)? {
  var input = bytes
  var output = [UInt8](repeating: 0, count: mostContent)
  return unsafe input.withUnsafeMutableBufferPointer { input in
    unsafe output.withUnsafeMutableBufferPointer { output in
      var state = unsafe z_stream()
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      guard unsafe inflateInit2_(&state, 15 + 16, ZLIB_VERSION, size) == Z_OK else { return nil }
      unsafe state.next_in = input.baseAddress
      unsafe state.avail_in = UInt32(input.count)
      unsafe state.next_out = output.baseAddress
      unsafe state.avail_out = UInt32(output.count)
      let code = unsafe inflate(&state, Z_SYNC_FLUSH)
      let count = unsafe output.count - Int(state.avail_out)
      let left = unsafe state.avail_in
      _ = unsafe inflateEnd(&state)
      guard code == Z_STREAM_END && left == 0 || code == Z_OK || code == Z_BUF_ERROR else {
        return nil
      }
      return unsafe (Array(output[..<count]), code == Z_STREAM_END)
    }
  }
}

private func decodeZstd(_ bytes: [UInt8]) -> (content: [UInt8], isWhole: Bool)? {
  var output = [UInt8](repeating: 0, count: mostContent)
  let state = unsafe ZSTD_createDCtx()
  defer { _ = unsafe ZSTD_freeDCtx(state) }
  return unsafe bytes.withUnsafeBytes { input in
    unsafe output.withUnsafeMutableBytes { output in
      var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
      var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
      var left = 1
      while unsafe source.pos < source.size {
        left = unsafe ZSTD_decompressStream(state, &target, &source)
        if ZSTD_isError(left) != 0 { return nil }
      }
      return unsafe (Array(output[..<target.pos]), left == 0)
    }
  }
}

/// The decoder's library is a part of every system that has the encoder's; only tests need it.
private enum BrotliDecoder {
  private typealias Create =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?
    ) -> OpaquePointer?
  private typealias Destroy = @convention(c) (OpaquePointer?) -> Void
  private typealias Step =
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<Int>, UnsafeMutablePointer<UnsafePointer<UInt8>?>,
      UnsafeMutablePointer<Int>, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
      UnsafeMutablePointer<Int>?
    ) -> Int32

  static func decode(_ bytes: [UInt8]) -> (content: [UInt8], isWhole: Bool)? {
    guard let library = unsafe dlopen("libbrotlidec.so.1", RTLD_NOW),
      let create = unsafe dlsym(library, "BrotliDecoderCreateInstance"),
      let destroy = unsafe dlsym(library, "BrotliDecoderDestroyInstance"),
      let step = unsafe dlsym(library, "BrotliDecoderDecompressStream")
    else { return nil }
    let state = unsafe unsafeBitCast(create, to: Create.self)(nil, nil, nil)
    defer { unsafe unsafeBitCast(destroy, to: Destroy.self)(state) }
    var output = [UInt8](repeating: 0, count: mostContent)
    return unsafe bytes.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        var (left, room) = (input.count, output.count)
        var source = input.baseAddress
        var target = output.baseAddress
        let code = unsafe unsafeBitCast(step, to: Step.self)(
          state, &left, &source, &room, &target, nil)
        // 0 is an error, 1 the end, 2 a wish for more.
        guard code == 1 && left == 0 || code == 2 else { return nil }
        return unsafe (Array(output[..<(output.count - room)]), code == 1)
      }
    }
  }
}
