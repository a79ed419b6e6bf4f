import CLinux

/// Open files by number. Who holds a number closes it; there is no owner by type, since the numbers
/// cross the link between keeper and engine.
public enum Descriptor {
  public static func close(_ descriptor: Int32) {
    if descriptor >= 0 { _ = descriptor_close(descriptor) }
  }

  public static func close(_ descriptors: [Int32]) {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Another number for the same open file, closed on exec.
  public static func duplicate(_ descriptor: Int32) throws(SystemError) -> Int32 {
    try check(descriptor_duplicate(descriptor))
  }

  /// Writes all of `bytes`, waiting where the file makes it wait.
  public static func write(_ bytes: Span<UInt8>, to descriptor: Int32) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let rest = bytes.extracting(droppingFirst: done)
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe file_write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count == -Int64(SystemError.interrupted) { continue }
      done += Int(try check(count))
    }
  }

  /// Reads once, at most `limit` bytes; empty at the end of the file.
  public static func read(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe file_read(descriptor, buffer.baseAddress, buffer.count)
    }
    bytes.removeLast(limit - Int(try check(count)))
    return bytes
  }
}
