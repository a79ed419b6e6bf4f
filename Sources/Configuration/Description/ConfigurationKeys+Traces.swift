import Primitives
import Tracing

extension ConfigurationKeys {
  static let traces = KeyDescription(
    "traces", .object(traceKeys), example: "{ url: \"http://127.0.0.1:4318/v1/traces\" }",
    """
    Spans of requests for a collector of OpenTelemetry, and a `traceparent` for servers; [how they are \
    chosen](../traces.md). None when absent.
    """)

  private static let traceKeys = ObjectDescription(
    "the traces", "Where spans of requests go, and which requests are kept.",
    keys: [
      KeyDescription(
        "url", .text(.free), required: true, example: "\"http://127.0.0.1:4318/v1/traces\"",
        "Takes OTLP over HTTP with POST; its whole path is written."),
      KeyDescription(
        "encoding",
        .choice(values: TraceSettings.Encoding.allCases.map(\.rawValue), later: []),
        standard: "protobuf", example: "json",
        "How spans are written; JSON costs several times the CPU."),
      KeyDescription(
        "headers", .table(.text(.free), keys: .fieldName), standard: "{}",
        example: "{ Authorization: \"Bearer secret\" }",
        "Header fields that the collector wants; their values are never shown."),
      KeyDescription(
        "ca", .text(.filePath), example: "collector-ca.pem",
        "A file of authorities in PEM for the collector's certificate, instead of the system's."),
      KeyDescription(
        "timeout", .duration(.milliseconds(100)...TimeSpan.minutes(1)), standard: "10s",
        example: "3s", "For one message, until its answer is there; then it is sent again later."),
      KeyDescription(
        "sample", .share(0...100), standard: "1%", example: "10%",
        """
        Of the traces that begin here, the share that is kept whatever becomes of it. Servers are told \
        which. What a trusted proxy asks for holds for its own.
        """),
      KeyDescription(
        "keep", .object(traceKeeping), standard: "{}", example: "{ slow: 500ms }",
        "Requests that are kept for what became of them, though they were not sampled."),
      KeyDescription(
        "continue",
        .choice(values: TraceSettings.Continuation.allCases.map(\.rawValue), later: []),
        standard: "trusted", example: "all",
        """
        Whose `traceparent` is gone on with: that of `trustedProxies`, or everybody's. For other clients a \
        trace begins here.
        """),
      KeyDescription(
        "service", .text(.label), standard: "ballast", example: "edge",
        "`service.name` of the spans."),
      KeyDescription(
        "resource", .table(.text(.label), keys: .fieldName), standard: "{}",
        example: "{ deployment.environment.name: production }",
        "More attributes of the resource that the spans are of."),
    ])

  private static let traceKeeping = ObjectDescription(
    "what traces keep", "Decided when a request is over.",
    keys: [
      KeyDescription(
        "slow", .duration(orNone), standard: "1s", example: "300ms",
        "From this on a request is slow; `0s` keeps none for that."),
      KeyDescription(
        "failed", .boolean, standard: "true", example: "false",
        "Those answered 5xx, and those whose answer was cut off."),
      KeyDescription(
        "perSecond", .integer(0...1_000_000), standard: "100", example: "20",
        "How many of both at most; what is beyond is counted as dropped."),
    ])
}
