import Telemetry
import Tracing

/// What `/metrics` shows of traces, once any were made.
extension MetricsPage {
  func addTraces(to page: inout Exposition) {
    guard let traces else { return }
    for reason in TraceReason.allCases {
      page.counter(
        "ballast_trace_requests_total", help: "Requests that were kept as traces, by reason.",
        labels: ["reason": "\(reason.name)"], count: traces.requests[Int(reason.rawValue)])
    }
    page.counter(
      "ballast_trace_spans_total", help: "Spans that the collector took.", count: traces.spans)
    for loss in TraceCounters.Loss.allCases {
      page.counter(
        "ballast_trace_spans_dropped_total", help: "Spans that were lost, by reason.",
        labels: ["reason": loss.name], count: traces.losses[loss.rawValue])
    }
    page.counter(
      "ballast_trace_exports_total", help: "Messages to the collector, by result.",
      labels: ["result": "success"], count: traces.delivered)
    page.counter(
      "ballast_trace_exports_total", help: "Messages to the collector, by result.",
      labels: ["result": "failure"], count: traces.failed)
    page.gauge(
      "ballast_trace_spans_waiting", help: "Spans that wait for the collector.",
      value: Double(traces.waiting))
  }
}
