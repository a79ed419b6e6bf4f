import HTTP2
import Primitives
import Telemetry
import Topology

/// What `/metrics` shows of clients that were refused for the good of others.
extension MetricsPage {
  func addDefence(to page: inout Exposition) {
    for listener in snapshot.listeners {
      let refused = sample.listeners[listener.id.index]?.refused ?? .init()
      let reasons = [
        ("banned", refused.banned), ("limit", refused.limit),
        ("address-limit", refused.addressLimit), ("made-way", refused.evicted),
        ("slow", refused.slow),
      ]
      for (reason, count) in reasons {
        page.counter(
          "ballast_connections_refused_total",
          help: "Connections of clients that were closed for the good of others, by reason.",
          labels: ["listener": listener.name, "reason": reason], count: count)
      }
    }
    for listener in snapshot.listeners {
      guard let ended = sample.listeners[listener.id.index]?.ended else { continue }
      for end in HTTP2End.allCases {
        page.counter(
          "ballast_http2_ended_total",
          help: "Connections and streams of HTTP/2 that were ended for what their client did.",
          labels: ["listener": listener.name, "reason": end.reason.description],
          count: ended[Int(end.rawValue)])
      }
    }
    page.declareCounter(
      "ballast_rate_limited_total", help: "Requests answered 429 by a rate limit.")
    for report in reports {
      for series in report.series where series.rateLimited > 0 {
        let (listener, route, service) = names(of: series)
        page.counter(
          "ballast_rate_limited_total", help: "Requests answered 429 by a rate limit.",
          labels: ["listener": listener, "route": route, "service": service],
          count: series.rateLimited)
      }
    }
    let pauses = [
      ("connections", reports.reduce(0) { $0 &+ $1.pauses.connections }),
      ("descriptors", reports.reduce(0) { $0 &+ $1.pauses.descriptors }),
    ]
    for (reason, count) in pauses {
      page.counter(
        "ballast_accept_pauses_total",
        help: "Moments in which a worker accepted no connection, by what had run out.",
        labels: ["reason": reason], count: count)
    }
    page.gauge(
      "ballast_bans", help: "Addresses and blocks of them that are not served.",
      value: Double(bans))
  }
}
