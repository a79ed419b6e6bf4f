import CLinux
import Glibc

/// Lines of replicas' log files: the last ones, and those that come.
struct LogTail: Sendable, Equatable {
  private struct File: Sendable, Equatable {
    var replica: String
    var path: String
    var offset: Int64
    /// The beginning of a line whose end has not come.
    var partial: [UInt8] = []
  }

  /// Read of one file's end for its last lines.
  static let tailBytes: Int64 = 1 << 20
  /// Read of one file in one look for what is new.
  static let lookBytes = 64 << 10
  static let lineBytes = 64 << 10

  let service: String
  /// Nil: all of the service, also those that start later.
  let replica: String?
  private var files: [File] = []

  init(service: String, replica: String?) {
    self.service = service
    self.replica = replica
  }

  /// The last `lines` lines of each file, and goes on behind them.
  mutating func last(_ lines: Int, of paths: [(replica: String, path: String)]) -> [UInt8] {
    var output: [UInt8] = []
    for (replica, path) in paths where self.replica == nil || self.replica == replica {
      let size = Self.size(of: path)
      let start = max(0, size - Self.tailBytes)
      var bytes = Self.read(path, at: start, limit: Int(size - start))
      var file = File(replica: replica, path: path, offset: start + Int64(bytes.count))
      if let end = bytes.lastIndex(of: 10) {
        file.partial = Array(bytes[(end + 1)...].prefix(Self.lineBytes))
        bytes.removeLast(bytes.count - end - 1)
      } else {
        file.partial = Array(bytes.prefix(Self.lineBytes))
        bytes = []
      }
      var parts = bytes.split(separator: 10, omittingEmptySubsequences: false)
      if parts.last?.isEmpty == true { parts.removeLast() }
      // The first one may have lost its beginning.
      if start > 0, !parts.isEmpty { parts.removeFirst() }
      for line in parts.suffix(max(0, lines)) { Self.append(line, of: replica, to: &output) }
      files.append(file)
    }
    return output
  }

  /// What an answer without an end of its own shows of lines that are not finished.
  mutating func rest() -> [UInt8] {
    var output: [UInt8] = []
    for index in files.indices where !files[index].partial.isEmpty {
      Self.append(files[index].partial[...], of: files[index].replica, to: &output)
      files[index].partial = []
    }
    return output
  }

  /// What has come since, in whole lines.
  mutating func more(of paths: [(replica: String, path: String)]) -> [UInt8] {
    for (replica, path) in paths where self.replica == nil || self.replica == replica {
      if !files.contains(where: { $0.replica == replica }) {
        files.append(File(replica: replica, path: path, offset: 0))
      }
    }
    var output: [UInt8] = []
    for index in files.indices { Self.look(&files[index], &output) }
    return output
  }

  private static func look(_ file: inout File, _ output: inout [UInt8]) {
    let size = size(of: file.path)
    if size < file.offset {
      // Rotated: the end of the old file stands in the first of the kept ones.
      take(read("\(file.path).1", at: file.offset, limit: lookBytes), &file, &output)
      file.offset = 0
    }
    guard size > file.offset else { return }
    let bytes = read(file.path, at: file.offset, limit: lookBytes)
    file.offset += Int64(bytes.count)
    take(bytes, &file, &output)
  }

  private static func take(_ bytes: [UInt8], _ file: inout File, _ output: inout [UInt8]) {
    for byte in bytes {
      if byte == 10 {
        append(file.partial[...], of: file.replica, to: &output)
        file.partial.removeAll(keepingCapacity: true)
      } else if file.partial.count < lineBytes {
        file.partial.append(byte)
      }
    }
  }

  private static func append(
    _ line: ArraySlice<UInt8>, of replica: String, to output: inout [UInt8]
  ) {
    output += "\(replica) | ".utf8
    output += String(decoding: line, as: UTF8.self).utf8
    output.append(10)
  }

  private static func size(of path: String) -> Int64 {
    let file = unsafe file_open(path, O_RDONLY, 0)
    guard file >= 0 else { return 0 }
    defer { _ = descriptor_close(file) }
    return max(0, file_size(file))
  }

  private static func read(_ path: String, at offset: Int64, limit: Int) -> [UInt8] {
    let file = unsafe file_open(path, O_RDONLY, 0)
    guard file >= 0, limit > 0 else { return [] }
    defer { _ = descriptor_close(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe file_read_at(file, buffer.baseAddress, buffer.count, offset)
    }
    bytes.removeLast(limit - Int(max(0, count)))
    return bytes
  }
}
