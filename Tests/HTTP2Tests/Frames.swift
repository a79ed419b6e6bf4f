import HTTP2
import Primitives
import Wire

/// Frames byte by byte (RFC 9113 section 4.1), and header blocks of literals only (RFC 7541 section 6.2.2).
enum Frames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func frame(
    _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []
  ) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: payload.count >> 16), UInt8(truncatingIfNeeded: payload.count >> 8),
      UInt8(truncatingIfNeeded: payload.count), type, flags,
    ] + word(stream) + payload
  }

  static func word(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
  }

  static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> [UInt8] {
    frame(0, ends ? 1 : 0, stream, bytes)
  }

  static func headers(
    _ stream: UInt32, _ fields: [(String, String)], ends: Bool = true
  ) -> [UInt8] {
    frame(1, ends ? 5 : 4, stream, block(fields))
  }

  static func reset(_ stream: UInt32, _ code: UInt32) -> [UInt8] {
    frame(3, 0, stream, word(code))
  }

  static let settings = frame(4, 0, 0)
  static let ping = frame(6, 0, 0, [UInt8](repeating: 7, count: 8))

  static func windowUpdate(_ stream: UInt32, _ count: UInt32) -> [UInt8] {
    frame(8, 0, stream, word(count))
  }

  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + text($0.0) + text($0.1) }
  }

  private static func text(_ string: String) -> [UInt8] {
    let bytes = Array(string.utf8)
    if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
    var rest = bytes.count - 127
    var length: [UInt8] = [127]
    while rest >= 128 {
      length.append(UInt8(rest % 128 + 128))
      rest /= 128
    }
    return length + [UInt8(rest)] + bytes
  }

  static func get(_ path: String = "/", _ more: [(String, String)] = []) -> [(String, String)] {
    [(":method", "GET"), (":scheme", "http"), (":authority", "shop.example"), (":path", path)]
      + more
  }
}

/// One frame that a session sent.
struct SentFrame: Equatable {
  var type: UInt8
  var flags: UInt8
  var stream: UInt32
  var payload: [UInt8]

  var code: UInt32 { payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } }
}

/// A session and what it told and sent.
final class Talk {
  struct Told {
    var event: HTTP2Event
    var text = ""
    var data: [UInt8] = []
  }

  let session: HTTP2Session
  let batch = FrameBatch()
  var now = Instant(nanoseconds: 1_000_000_000)
  /// What was told; `react` may answer at once.
  var told: [Told] = []
  var react: ((HTTP2Session, Told) -> Void)?

  init(_ role: HTTP2Session.Role, _ options: HTTP2Options = HTTP2Options()) {
    session = HTTP2Session(role: role, options: options, seed: 5)
  }

  func receive(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let rest = Array(bytes[offset...])
      let count = unsafe rest.withUnsafeBytes { unsafe session.receive($0, now: now) }
      take(rest)
      offset += count
    }
  }

  private func take(_ bytes: [UInt8]) {
    while let event = session.nextEvent() {
      var one = Told(event: event)
      switch event {
      case .head, .trailers: one.text = unsafe String(decoding: session.headText, as: UTF8.self)
      case .data(_, _, let range): one.data = Array(bytes[range])
      default: break
      }
      told.append(one)
      react?(session, one)
    }
  }

  /// All that goes out now.
  func send() -> [UInt8] {
    var sent: [UInt8] = []
    var more = true
    while more {
      more = session.write(to: batch)
      unsafe batch.withBytes { unsafe sent += $0 }
      batch.removeAll()
    }
    take([])
    return sent
  }

  func sentFrames() -> [SentFrame] {
    let bytes = send()
    var frames: [SentFrame] = []
    var offset = 0
    while offset + 9 <= bytes.count {
      let length = bytes[offset..<(offset + 3)].reduce(0) { $0 << 8 | Int($1) }
      let stream = bytes[(offset + 5)..<(offset + 9)].reduce(0) { $0 << 8 | UInt32($1) }
      frames.append(
        SentFrame(
          type: bytes[offset + 3], flags: bytes[offset + 4], stream: stream,
          payload: Array(bytes[(offset + 9)..<(offset + 9 + length)])))
      offset += 9 + length
    }
    return frames
  }

  var events: [HTTP2Event] { told.map(\.event) }

  /// A server's session that has read a client's preface and settings.
  static func server(_ options: HTTP2Options = HTTP2Options()) -> Talk {
    let talk = Talk(.server, options)
    talk.receive(Frames.preface + Frames.settings)
    _ = talk.send()
    talk.told = []
    return talk
  }
}

extension HTTP2Session {
  func answer(_ stream: Int32, _ text: String, hasBody: Bool) -> Int? {
    answer(stream, Array(text.utf8).span, hasBody: hasBody)
  }

  func send(_ stream: Int32, _ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { _ = unsafe send(stream, $0) }
  }

  func end(_ stream: Int32, trailers: String) {
    end(stream, trailers: Array(trailers.utf8).span)
  }
}

/// What a head makes in HTTP/2, as strings.
struct ReadFields {
  let list: [String]
  let status: Int
  let headCount: Int

  init?(answer text: String) {
    var fields = HTTP2Fields()
    let bytes = Array(text.utf8)
    let isRead = unsafe bytes.withUnsafeBytes { unsafe fields.readAnswer($0) }
    self.init(fields, isRead, bytes)
  }

  init?(request text: String, isSecure: Bool = false) {
    var fields = HTTP2Fields()
    let bytes = Array(text.utf8)
    let isRead = unsafe bytes.withUnsafeBytes {
      unsafe fields.readRequest($0, isSecure: isSecure)
    }
    self.init(fields, isRead, bytes)
  }

  /// - Parameter bytes: what the fields stand in.
  private init?(_ fields: borrowing HTTP2Fields, _ isRead: Bool, _ bytes: [UInt8]) {
    guard isRead else { return nil }
    var list: [String] = []
    for index in 0..<fields.count {
      let field = unsafe fields[index]
      list.append(
        unsafe String(decoding: field.name, as: UTF8.self) + "="
          + String(decoding: field.value, as: UTF8.self))
    }
    self.list = list
    (status, headCount) = (fields.status, fields.headCount)
  }
}

extension RequestHead {
  init?(text: [UInt8]) {
    self.init()
    guard (try? read(text.span)) == true else { return nil }
  }
}
