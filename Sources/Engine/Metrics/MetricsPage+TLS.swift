import Primitives
import TLS
import Telemetry
import Topology

/// What `/metrics` shows of clients that speak TLS.
extension MetricsPage {
  func addTLS(to page: inout Exposition) {
    let secured = snapshot.listeners.filter { $0.security != nil }
    guard !secured.isEmpty else { return }
    let done = "Handshakes that came to an end, by version and by whether a session went on."
    page.declareCounter("ballast_tls_handshakes_total", help: done)
    for listener in secured {
      let counts = sample.listeners[listener.id.index]?.handshakes.done ?? [:]
      for version in TLSProtocolVersion.allCases {
        for isResumed in [false, true] {
          page.counter(
            "ballast_tls_handshakes_total", help: done,
            labels: [
              "listener": listener.name, "version": version.name.description,
              "resumed": isResumed ? "true" : "false",
            ], count: counts[.init(version: version, isResumed: isResumed)] ?? 0)
        }
      }
    }
    let failed = "Handshakes that failed, by reason."
    page.declareCounter("ballast_tls_handshake_failures_total", help: failed)
    for listener in secured {
      let counts = sample.listeners[listener.id.index]?.handshakes.failed ?? []
      for failure in TLSFailure.allCases {
        let place = Int(failure.rawValue)
        guard counts.indices.contains(place), counts[place] > 0 else { continue }
        page.counter(
          "ballast_tls_handshake_failures_total", help: failed,
          labels: ["listener": listener.name, "reason": failure.name.description],
          count: counts[place])
      }
    }
  }
}
