import CLinux

/// Where the keeper's words go.
enum StandardError {
  /// Standard error may be closed or full; the keeper goes on without the line.
  static func write(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes { unsafe file_write(2, $0.baseAddress, $0.count) }
  }
}
