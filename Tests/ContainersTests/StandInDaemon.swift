import CLinux
import EventLoop
import Glibc
import Synchronization

/// A daemon of containers that answers from a script: each request with the next answer for its path, the
/// last one again when there are no more.
final class StandInDaemon: Sendable {
  enum Answer: Sendable {
    case json(Int, String)
    /// The head says nothing of a length; the pieces come one by one, and then the connection ends.
    case pieces([[UInt8]])
    /// As it is, and then the connection ends.
    case raw(String)
    /// Never; the connection stays open.
    case silence
    /// So many bytes of an answer without an end.
    case flood
  }

  let socket: String
  private let folder: String
  private let script: Mutex<[String: [Answer]]>
  private let asked = Mutex<[String]>([])
  private let known = Mutex<[String]>([])

  /// - Parameter script: by `GET /containers/json`: the method and the path without version and query.
  init(_ script: [String: [Answer]]) throws {
    self.script = Mutex(script)
    var template = Array("/tmp/ballast-test-XXXXXX".utf8CString)
    _ = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    socket = "\(folder)/d.sock"
    let listener = unsafe listener_open_path(socket, 64, 0o600)
    try LoopThread.start("daemon") { [self] in
      while true {
        var list = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&list, 1, 60_000) > 0 else { return }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { continue }
        try? LoopThread.start("connection") { [self] in serve(connection) }
      }
    }
  }

  deinit {
    _ = unsafe unlink(socket)
    _ = unsafe rmdir(folder)
  }

  /// The requests so far: method, path, query and body.
  var requests: [String] { asked.withLock { $0 } }

  /// What requests said in `X-Registry-Auth`.
  var credentials: [String] { known.withLock { $0 } }

  private func serve(_ connection: Int32) {
    guard let (line, body, credentials) = Self.read(connection) else { return closeNow(connection) }
    if let credentials { known.withLock { $0.append(credentials) } }
    asked.withLock { $0.append(body.isEmpty ? line : "\(line) \(body)") }
    let key = String(line.prefix { $0 != "?" })
    let answer = script.withLock { script -> Answer in
      guard var answers = script[key], let first = answers.first else {
        return .json(404, #"{"message":"no such thing"}"#)
      }
      if answers.count > 1 { answers.removeFirst() }
      script[key] = answers
      return first
    }
    switch answer {
    case .json(let status, let text):
      Self.write(
        "HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n"
          + text, to: connection)
    case .pieces(let pieces):
      Self.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", to: connection)
      for piece in pieces { Self.write(piece, to: connection) }
    case .raw(let text): Self.write(text, to: connection)
    case .silence:
      var list = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&list, 1, 60_000)
    case .flood:
      Self.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[", to: connection)
      let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
      for _ in 0..<64 where !Self.write(block, to: connection) { break }
    }
    closeNow(connection)
  }

  private func closeNow(_ connection: Int32) { _ = close(connection) }

  /// `POST /containers/create?name=x`, the body and the credentials.
  private static func read(_ connection: Int32) -> (String, String, String?)? {
    var bytes: [UInt8] = []
    while true {
      if let end = headEnd(bytes) {
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let length =
          lines.lazy.map { $0.lowercased() }
          .first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        if bytes.count - end - 4 >= length, let words = lines.first?.split(separator: " "),
          words.count == 3
        {
          let path = words[1].hasPrefix("/v1.41") ? words[1].dropFirst(6) : words[1]
          let body = String(decoding: bytes[(end + 4)...], as: UTF8.self)
          let credentials = lines.first { $0.hasPrefix("X-Registry-Auth: ") }
          return ("\(words[0]) \(path)", body, credentials.map { String($0.dropFirst(17)) })
        }
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    let blank = Array("\r\n\r\n".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: blank) }
  }

  @discardableResult private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe send(connection, buffer.baseAddress?.advanced(by: done), buffer.count - done, 0x4000)
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  @discardableResult private static func write(_ text: String, to connection: Int32) -> Bool {
    write(Array(text.utf8), to: connection)
  }
}
