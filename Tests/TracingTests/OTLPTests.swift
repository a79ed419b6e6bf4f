import Testing
import Tracing

@Suite struct OTLPTests {
  private let resource = TraceResource(
    attributes: [.init("service.name", .text("ballast"))], version: "1")
  private let span = TraceSpan(
    trace: TraceIdentifier(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
    identifier: 0x1112_1314_1516_1718, parent: 0x2122_2324_2526_2728, isParentRemote: true,
    flags: .sampled, name: "GET \"shop\"", kind: .server, began: 1_700_000_000_000_000_001,
    ended: .max,
    attributes: [
      .init("a", .text("é\u{1}")), .init("b", .number(-5)), .init("c", .yes(true)),
    ], failure: "status 500")

  @Test func `a message in JSON is as the protocol wants it`() {
    let text = String(decoding: OTLPJSON.encode([span], of: resource), as: UTF8.self)
    #expect(
      text == #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":"#
        + #"{"stringValue":"ballast"}}]},"scopeSpans":[{"scope":{"name":"ballast","version":"1"},"#
        + #""spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"1112131415161718","#
        + #""parentSpanId":"2122232425262728","flags":769,"name":"GET \"shop\"","kind":2,"#
        + #""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"18446744073709551615","#
        + #""attributes":[{"key":"a","value":{"stringValue":"é\u0001"}},"#
        + #"{"key":"b","value":{"intValue":"-5"}},{"key":"c","value":{"boolValue":true}}],"#
        + #""status":{"code":2,"message":"status 500"}}]}]}]}"#)
  }

  @Test func `the first span of a trace has no parent, and a good one no status`() {
    var first = span
    first.parent = 0
    first.isParentRemote = false
    first.failure = nil
    first.attributes = []
    let text = String(decoding: OTLPJSON.encode([first, first], of: resource), as: UTF8.self)
    #expect(!text.contains("parentSpanId") && !text.contains("status"))
    #expect(text.contains(#""flags":257,"#) && text.contains(#""attributes":[]},{"traceId""#))
  }

  @Test func `a message in Protocol Buffers has lengths of one byte and of more`() {
    var small = span
    small.failure = nil
    let bytes = OTLPProtobuf.encode([small], of: resource)
    // ResourceSpans, which is long; its resource; then what the encoding's page says byte for byte.
    #expect(bytes[0] == 0x0A && bytes[1] >= 0x80 && bytes[2] == 1)
    #expect(Int(bytes[1] & 0x7F) | Int(bytes[2]) << 7 == bytes.count - 3)
    let resource = Array(bytes[3..<32])
    #expect(resource[0] == 0x0A && resource[1] == 27 && resource[2] == 0x0A && resource[3] == 25)
    #expect(Array(resource[4..<18]) == [0x0A, 12] + Array("service.name".utf8))
    #expect(Array(resource[18..<29]) == [0x12, 9, 0x0A, 7] + Array("ballast".utf8))
    #expect(Array(bytes.suffix(6)) == [0x85, 0x01, 0x01, 0x03, 0x00, 0x00])
  }

  @Test func `what a collector did not take is read, whatever it says`() {
    #expect(
      OTLPAnswer(protobuf: [0x0A, 7, 8, 3, 0x12, 3] + Array("bad".utf8))
        == OTLPAnswer(rejectedSpans: 3, message: "bad"))
    #expect(OTLPAnswer(protobuf: []) == OTLPAnswer())
    #expect(
      OTLPAnswer(protobuf: [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1])
        == OTLPAnswer())
    #expect(OTLPAnswer(protobuf: [0x0A, 2, 8]) == OTLPAnswer())
    #expect(OTLPAnswer(protobuf: [UInt8](repeating: 0xFF, count: 40)) == OTLPAnswer())
    #expect(
      OTLPAnswer(protobuf: [0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x0A, 2, 8, 9])
        .rejectedSpans == 9)
  }
}
