import AdminAPI
import Telemetry

/// What `/metrics` shows of systems that are told what happens.
extension MetricsPage {
  func addEventSinks(to page: inout Exposition) {
    for sink in eventSinks {
      page.gauge(
        "ballast_event_sink_up", help: "1 unless the sink can't be reached or takes nothing.",
        labels: ["sink": sink.name], value: sink.state == .failing ? 0 : 1)
    }
    for sink in eventSinks {
      for (result, count) in [("delivered", sink.delivered), ("dropped", sink.dropped)] {
        page.counter(
          "ballast_event_sink_messages_total",
          help: "Messages that the sink acknowledged, or never got.",
          labels: ["sink": sink.name, "result": result], count: count)
      }
    }
    for sink in eventSinks {
      page.counter(
        "ballast_event_sink_retries_total", help: "Tries to deliver that failed.",
        labels: ["sink": sink.name], count: sink.retries)
    }
    for sink in eventSinks {
      page.gauge(
        "ballast_event_sink_waiting", help: "Messages that wait on disk for the sink.",
        labels: ["sink": sink.name], value: Double(sink.waiting))
    }
    for sink in eventSinks {
      page.gauge(
        "ballast_event_sink_waiting_bytes", help: "Bytes of these messages.",
        labels: ["sink": sink.name], value: Double(sink.waitingBytes))
    }
    guard !eventSinks.isEmpty else { return }
    page.counter(
      "ballast_event_sink_lost_total",
      help: "Messages for sinks that could not be written to the disk.", count: lostOutgoing)
  }
}
