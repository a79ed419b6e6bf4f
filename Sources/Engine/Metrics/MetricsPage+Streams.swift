import Faults
import Primitives
import Proxying
import Telemetry
import Topology

/// What `/metrics` shows of layer 4. Listeners of requests alone show nothing here.
extension MetricsPage {
  func addStreams(to page: inout Exposition) {
    for (series, listener, service) in streamSeries {
      for reason in StreamEnd.Reason.allCases where series.ends[Int(reason.rawValue)] > 0 {
        page.counter(
          "ballast_streams_total",
          help: "TCP streams, and clients of UDP, that ended, by what ended them.",
          labels: ["listener": listener, "service": service, "reason": "\(reason.name)"],
          count: series.ends[Int(reason.rawValue)])
      }
    }
    for (series, listener, service) in streamSeries {
      for (direction, count) in [("in", series.bytesIn), ("out", series.bytesOut)] {
        page.counter(
          "ballast_stream_bytes_total",
          help: "Bytes of TCP streams and UDP datagrams, from clients (in) and to them (out).",
          labels: ["listener": listener, "service": service, "direction": direction],
          count: count)
      }
    }
    for (series, listener, service) in streamSeries where series.datagramsIn > 0 {
      for (direction, count) in [("in", series.datagramsIn), ("out", series.datagramsOut)] {
        page.counter(
          "ballast_datagrams_total", help: "UDP datagrams that were passed on.",
          labels: ["listener": listener, "service": service, "direction": direction],
          count: count)
      }
    }
    for (series, listener, _) in streamSeries where series.datagramsDropped > 0 {
      page.counter(
        "ballast_datagrams_dropped_total",
        help: "UDP datagrams, of either direction, that nobody took.",
        labels: ["listener": listener], count: series.datagramsDropped)
    }
    for report in reports {
      for server in report.servers where server.streams > 0 {
        guard identities.servers.indices.contains(server.id.index) else { continue }
        let name = identities.servers[server.id.index]
        page.counter(
          "ballast_server_streams_total",
          help: "TCP streams and clients of UDP that a server took.",
          labels: ["service": name.service, "server": name.server], count: server.streams)
      }
    }
  }

  /// Those that came to no service have an empty name there.
  private var streamSeries: [(WorkerReport.StreamSeries, listener: String, service: String)] {
    reports.flatMap(\.streams).compactMap { series in
      guard identities.listeners.indices.contains(series.listener.index) else { return nil }
      let service = series.service.flatMap { id in
        identities.services.indices.contains(id.index) ? identities.services[id.index] : nil
      }
      return (series, identities.listeners[series.listener.index], service ?? "")
    }
  }
}
