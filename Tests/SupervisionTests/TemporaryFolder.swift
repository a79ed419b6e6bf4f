import FoundationEssentials
import Glibc

/// A folder of its own for one test, removed at its end.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/ballast-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
    }
    guard made else { throw TestFailure("no temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws -> String {
    let file = "\(path)/\(name)"
    guard let stream = unsafe fopen(file, "w") else { throw TestFailure("cannot write \(file)") }
    unsafe fputs(text, stream)
    unsafe fclose(stream)
    return file
  }

  func read(_ name: String) -> String? { contents(of: "\(path)/\(name)") }
}

struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func contents(of path: String) -> String? {
  guard let stream = unsafe fopen(path, "r") else { return nil }
  defer { unsafe fclose(stream) }
  var bytes: [UInt8] = []
  while true {
    let byte = unsafe fgetc(stream)
    if byte == EOF { break }
    bytes.append(UInt8(truncatingIfNeeded: byte))
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Waits until the file can be read, at most `seconds`.
func isReadable(_ descriptor: Int32, seconds: Int32 = 20) -> Bool {
  var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return unsafe poll(&watched, 1, seconds * 1_000) > 0
}

/// Waits for a child's end and takes it; its wait status.
func waitForEnd(of pid: Int32) -> Int32 {
  var status: Int32 = 0
  while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
  return status
}
