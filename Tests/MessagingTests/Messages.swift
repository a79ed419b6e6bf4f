import Testing

@testable import Messaging

func message(_ number: Int64, _ body: String = "{}") -> SinkMessage {
  SinkMessage(number: number, id: "i.\(number)", topic: "event.started", body: Array(body.utf8))
}

extension NATSSession {
  mutating func receive(_ text: String) { receive(text.utf8) }

  mutating func takeOutput() -> String {
    defer { output = [] }
    return String(decoding: output, as: UTF8.self)
  }
}

extension RedisSession {
  mutating func receive(_ text: String) { receive(text.utf8) }

  mutating func takeOutput() -> String {
    defer { output = [] }
    return String(decoding: output, as: UTF8.self)
  }
}

extension SinkProgress {
  var failure: String? {
    if case .failed(let failure) = self { failure.description } else { nil }
  }
}

/// Bytes that may be anything, and pieces of what is meant, in any order.
func noise(_ pieces: [String], seed: UInt64) -> [UInt8] {
  var state = seed
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  var bytes: [UInt8] = []
  for _ in 0..<(1 + next(12)) {
    var piece = Array(pieces[next(pieces.count)].utf8)
    if next(3) == 0, !piece.isEmpty { piece[next(piece.count)] = UInt8(next(256)) }
    if next(4) == 0 { piece = Array(piece.prefix(next(piece.count + 1))) }
    bytes += piece
  }
  return bytes
}
