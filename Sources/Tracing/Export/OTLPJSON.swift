internal import Telemetry

/// An `ExportTraceServiceRequest` in JSON (OTLP 1.5, "JSON Protobuf Encoding"): names in
/// lowerCamelCase, identifiers in hexadecimal digits, enumerations as numbers, 64-bit integers as text.
public enum OTLPJSON {
  public static let contentType = "application/json"

  public static func encode(_ spans: [TraceSpan], of resource: TraceResource) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1_024 + spans.count * 1_024)
    append(#"{"resourceSpans":[{"resource":{"attributes":"#, to: &bytes)
    append(resource.attributes, to: &bytes)
    append(#"},"scopeSpans":[{"scope":{"name":""#, to: &bytes)
    bytes.append(contentsOf: TraceResource.scope.utf8)
    append(#"","version":"#, to: &bytes)
    JSONText.appendQuoted(resource.version, to: &bytes)
    append(#"},"spans":["#, to: &bytes)
    for (place, span) in spans.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      append(span, to: &bytes)
    }
    append("]}]}]}", to: &bytes)
    return bytes
  }

  private static func append(_ span: TraceSpan, to bytes: inout [UInt8]) {
    append(#"{"traceId":""#, to: &bytes)
    append(hexadecimal: span.trace.high, to: &bytes)
    append(hexadecimal: span.trace.low, to: &bytes)
    append(#"","spanId":""#, to: &bytes)
    append(hexadecimal: span.identifier, to: &bytes)
    if span.parent != 0 {
      append(#"","parentSpanId":""#, to: &bytes)
      append(hexadecimal: span.parent, to: &bytes)
    }
    append(#"","flags":"#, to: &bytes)
    append(decimal: UInt64(span.wireFlags), to: &bytes)
    append(#","name":"#, to: &bytes)
    JSONText.appendQuoted(span.name, to: &bytes)
    append(#","kind":"#, to: &bytes)
    append(decimal: UInt64(span.kind.rawValue), to: &bytes)
    append(#","startTimeUnixNano":""#, to: &bytes)
    append(decimal: span.began, to: &bytes)
    append(#"","endTimeUnixNano":""#, to: &bytes)
    append(decimal: span.ended, to: &bytes)
    append(#"","attributes":"#, to: &bytes)
    append(span.attributes, to: &bytes)
    if let failure = span.failure {
      append(#","status":{"code":2,"message":"#, to: &bytes)
      JSONText.appendQuoted(failure, to: &bytes)
      append("}", to: &bytes)
    }
    append("}", to: &bytes)
  }

  private static func append(_ attributes: [TraceSpan.Attribute], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "["))
    for (place, attribute) in attributes.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      append(#"{"key":""#, to: &bytes)
      bytes.append(contentsOf: attribute.name.utf8)
      append(#"","value":{"#, to: &bytes)
      switch attribute.value {
      case .text(let text):
        append(#""stringValue":"#, to: &bytes)
        JSONText.appendQuoted(text, to: &bytes)
      case .number(let number):
        append(#""intValue":""#, to: &bytes)
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
      case .yes(let value):
        append(#""boolValue":"#, to: &bytes)
        append(value ? "true" : "false", to: &bytes)
      }
      append("}}", to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// 16 digits.
  private static func append(hexadecimal number: UInt64, to bytes: inout [UInt8]) {
    var digits = InlineArray<16, UInt8>(repeating: 0)
    for place in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place) & 15)
      digits[place] = digit < 10 ? digit &+ 48 : digit &+ 87
    }
    append(digits.span, to: &bytes)
  }

  private static func append(decimal number: UInt64, to bytes: inout [UInt8]) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number
    var start = 20
    repeat {
      start -= 1
      digits[start] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(digits.span.extracting(start..<20), to: &bytes)
  }

  /// All at once: one digit after the other would cost more than the text around them.
  private static func append(_ digits: Span<UInt8>, to bytes: inout [UInt8]) {
    unsafe digits.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
}
