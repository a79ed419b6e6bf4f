import AdminAPI
import Faults
import Foundation
import Primitives
import Testing

@testable import Engine

@Suite struct AnswerEncoderTests {
  /// What answers were written with before, and what programs compare with.
  private func reference(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func written(_ value: some Encodable) throws -> String {
    String(decoding: try AnswerEncoder.encode(value), as: UTF8.self)
  }

  private func expectSame(
    _ value: some Encodable, at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try written(value) == reference(value), sourceLocation: place)
  }

  private func alert(_ id: String) -> AlertStatus {
    AlertStatus(
      id: id, name: "service-down", severity: "critical", state: "firing", service: "shop",
      server: nil, labels: ["severity": "critical", "alertname": "service-down", "a/b": "\"1\\2"],
      summary: "nobody\tserves 東京\r\n", since: WallTime(milliseconds: 1_795_000_000_123),
      fired: WallTime(milliseconds: 0), resolved: nil, silenced: false, inhibited: true,
      acknowledgedBy: nil, acknowledgement: nil)
  }

  private func fault(_ id: Int64, beneath: [FaultRecord]? = nil) -> FaultRecord {
    FaultRecord(
      id: id, type: .machineDown, service: "", began: WallTime(milliseconds: 5),
      detected: WallTime(milliseconds: 6), cause: "a/b", actions: ["took it out", ""],
      actionTimes: [WallTime(milliseconds: 7)], returns: 3, duration: 0.25, beneath: beneath)
  }

  @Test func `answers are those of Foundation's encoder, byte by byte`() throws {
    try expectSame([AlertStatus]())
    try expectSame([alert("2"), alert("1")])
    try expectSame([fault(3, beneath: [fault(1), fault(2)]), fault(4)])
    try expectSame(OpenAPIDocument.make(version: "1.0"))
    try expectSame(ErrorAnswer(code: "invalid", message: "no", details: ["a", "b"]))
    try expectSame(EventRecord(id: .max, at: WallTime(milliseconds: 1), type: "t", message: "m"))
  }

  private enum Choice: Codable {
    case one(Int, name: String)
    case two
  }

  private struct Numbers: Encodable {
    var z: [Double] = [0, -0.5, 1, 1e21, 1e-7, 123_456_789.125, .pi, -4]
    var f: Float = 0.1
    var a: [UInt64] = [0, .max]
    var b: [Int64] = [.min, .max]
    var small: [Int8] = [-128, 127]
    var bytes: [UInt8] = [0, 255]
    var truths = [true, false]
    var none: Int?
    var nones: [String?] = [nil, "a"]
    var keyed: [Int: String] = [10: "x", 9: "y"]
    var nested: [[[String: [Bool]]]] = [[["b": [], "a": [true]]], []]
    var choices: [Choice] = [.one(3, name: "n"), .two]
  }

  @Test func `every kind of number, nothing, and whatever is nested is written the same`() throws {
    try expectSame(Numbers())
    try expectSame([Numbers(), Numbers()])
    try expectSame("text")
    try expectSame([String: Numbers]())
  }

  /// Containers in containers, by hand.
  private struct ByHand: Encodable {
    enum Key: String, CodingKey { case z, m, a }

    func encode(to encoder: any Encoder) throws {
      var outer = encoder.container(keyedBy: Key.self)
      var list = outer.nestedUnkeyedContainer(forKey: .z)
      try list.encode(1)
      var inner = list.nestedContainer(keyedBy: Key.self)
      try inner.encode("x", forKey: .m)
      try inner.encode(true, forKey: .a)
      var last = list.nestedUnkeyedContainer()
      try last.encodeNil()
      try outer.encodeNil(forKey: .m)
      try outer.encode(ByHandScalar(), forKey: .a)
    }
  }

  private struct ByHandScalar: Encodable {
    func encode(to encoder: any Encoder) throws {
      var single = encoder.singleValueContainer()
      try single.encode(["b": UInt16(1), "a": UInt16(2)])
    }
  }

  @Test func `what a type writes by hand is written the same`() throws {
    try expectSame(ByHand())
    try expectSame([ByHand(), ByHand()])
    try expectSame(ByHandScalar())
  }

  @Test func `texts that a terminal would act on are escaped, and say the same`() throws {
    let texts = ["\u{1b}[31m", "\u{202e}abc", "\u{7f}", "\u{0}", "a\u{2028}b", "🚦"]
    let bytes = try AnswerEncoder.encode(texts)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("\u{202e}"))
    #expect(try JSONDecoder().decode([String].self, from: Data(bytes)) == texts)
  }

  private indirect enum Deep: Encodable {
    case end
    case more(Deep)

    func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      if case .more(let next) = self { try list.encode(next) }
    }
  }

  @Test func `what JSON has no word for, and what is too deep, is refused`() throws {
    #expect(throws: EncodingError.self) { try AnswerEncoder.encode([1.0, .infinity]) }
    #expect(throws: EncodingError.self) { try AnswerEncoder.encode(["a": Double.nan]) }
    var deep = Deep.end
    for _ in 0..<50 { deep = .more(deep) }
    #expect(try AnswerEncoder.encode(deep).count == 102)
    for _ in 0..<100 { deep = .more(deep) }
    #expect(throws: EncodingError.self) { try AnswerEncoder.encode(deep) }
  }
}
