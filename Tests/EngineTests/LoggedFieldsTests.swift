import Primitives
import Testing
import Wire

@testable import Engine

@Suite struct LoggedFieldsTests {
  private func values(
    _ fields: borrowing LoggedFields, _ count: Int, log: UInt32 = 1
  ) -> [String?] {
    (0..<count).map { index in
      fields.range(of: index, log: log).map { range in
        unsafe String(decoding: fields.memory[range], as: UTF8.self)
      }
    }
  }

  private func kept(_ lines: String, _ names: [String]) throws -> [String?] {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
    var head = RequestHead()
    #expect(try head.read(bytes.span))
    var fields = LoggedFields()
    fields.begin(log: 1)
    fields.keep(names.map { Array($0.utf8) }, of: head.fields, bytes.span, behind: 0, log: 1)
    return values(fields, names.count)
  }

  @Test func `values stand in the order of their names`() throws {
    #expect(
      try kept("B: two\r\nA:  one \r\n", ["a", "none", "b", "host"]) == ["one", "", "two", "a"])
  }

  @Test func `several fields of a name are a list`() throws {
    #expect(try kept("A: 1\r\nB: x\r\nA: 2\r\na: 3\r\n", ["a", "b"]) == ["1, 2, 3", "x"])
  }

  @Test func `a long value is cut`() throws {
    let long = String(repeating: "y", count: 3_000)
    let found = try kept("A: \(long)\r\nA: z\r\nB: whole\r\n", ["a", "b"])
    #expect(found[0]?.utf8.count == LoggedFields.valueBytes)
    #expect(found[1] == "whole")
  }

  @Test func `what was kept for one log is nothing to another`() {
    var fields = LoggedFields()
    fields.begin(log: 1)
    fields.keep([[97]], of: FieldTable(), [UInt8]().span, behind: 0, log: 2)
    #expect(values(fields, 1, log: 1) == [nil])
    fields.keep([[97]], of: FieldTable(), [UInt8]().span, behind: 0, log: 1)
    #expect(values(fields, 2, log: 1) == ["", nil])
    #expect(values(fields, 1, log: 2) == [nil])
  }

  @Test func `fields of an answer stand behind those of the request`() {
    var fields = LoggedFields()
    fields.begin(log: 1)
    // A request that was refused has none of its own.
    fields.keep([[97]], of: FieldTable(), [UInt8]().span, behind: 1, log: 1)
    #expect(values(fields, 1) == [nil])
  }

  @Test func `text of a peer neither leaves its place nor fills a line`() {
    var writer = ByteWriter(capacity: 10_000)
    let hostile = Array("a\"\\\r\n\u{1b}[2Jü".utf8)
    writer.append(.plain, hostile.span, 0..<hostile.count)
    #expect(
      unsafe String(decoding: writer.bytes, as: UTF8.self)
        == #"a\x22\x5c\x0d\x0a\x1b[2J\xc3\xbc"#)
    writer.removeAll()
    writer.append(.json, hostile.span, 0..<hostile.count)
    #expect(
      unsafe String(decoding: writer.bytes, as: UTF8.self)
        == #"a\u0022\u005c\u000d\u000a\u001b[2J\u00c3\u00bc"#)
    for byte in [UInt8(1), 97] {
      let long = [UInt8](repeating: byte, count: 5_000)
      writer.removeAll()
      writer.append(.json, long.span, 0..<long.count)
      #expect(writer.overflowed == false)
      #expect(writer.room >= LogText.reservedBytes - 16)
    }
  }

  @Test func `each byte is escaped wherever it stands in its text`() {
    for byte in UInt8.min...UInt8.max {
      for place in [0, 3, 7, 8, 12] {
        var bytes = Array("abcdefghijklm".utf8)
        bytes[place] = byte
        var writer = ByteWriter(capacity: 10_000)
        writer.append(.json, bytes.span, 0..<bytes.count)
        let isPlain = byte >= 32 && byte < 127 && byte != 34 && byte != 92
        let digits = String(byte, radix: 16)
        let escaped = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        let letter = isPlain ? String(UnicodeScalar(byte)) : escaped
        let before = String("abcdefghijklm".prefix(place))
        let behind = String("abcdefghijklm".dropFirst(place + 1))
        #expect(unsafe String(decoding: writer.bytes, as: UTF8.self) == before + letter + behind)
      }
    }
  }
}
