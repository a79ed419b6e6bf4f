/// An `ExportTraceServiceRequest` as a message of Protocol Buffers. Numbers of fields are those of
/// opentelemetry-proto 1.5: `trace_service.proto`, `trace.proto`, `resource.proto`, `common.proto`.
public enum OTLPProtobuf {
  public static let contentType = "application/x-protobuf"

  public static func encode(_ spans: [TraceSpan], of resource: TraceResource) -> [UInt8] {
    var writer = ProtobufWriter(capacity: 512 + spans.count * 512)
    writer.write(1) { resourceSpans in
      resourceSpans.write(1) { write(resource.attributes, field: 1, to: &$0) }
      resourceSpans.write(2) { scopeSpans in
        scopeSpans.write(1) { scope in
          scope.write(1, TraceResource.scope)
          scope.write(2, resource.version)
        }
        for span in spans { scopeSpans.write(2) { write(span, to: &$0) } }
      }
    }
    return writer.bytes
  }

  private static func write(_ span: TraceSpan, to writer: inout ProtobufWriter) {
    writer.write(1, bigEndian: span.trace.high, span.trace.low)
    writer.write(2, bigEndian: span.identifier)
    if span.parent != 0 { writer.write(4, bigEndian: span.parent) }
    writer.write(5, span.name)
    writer.write(6, UInt64(span.kind.rawValue))
    writer.write(7, fixed: span.began)
    writer.write(8, fixed: span.ended)
    write(span.attributes, field: 9, to: &writer)
    if let failure = span.failure {
      writer.write(15) { status in
        status.write(2, failure)
        status.write(3, 2)
      }
    }
    writer.write(16, fixed: span.wireFlags)
  }

  private static func write(
    _ attributes: [TraceSpan.Attribute], field: UInt64, to writer: inout ProtobufWriter
  ) {
    for attribute in attributes {
      writer.write(field) { pair in
        pair.write(1, attribute.name)
        pair.write(2) { value in
          switch attribute.value {
          case .text(let text): value.write(1, text)
          case .yes(let yes): value.write(2, yes ? 1 : 0)
          case .number(let number): value.write(3, UInt64(bitPattern: number))
          }
        }
      }
    }
  }
}
