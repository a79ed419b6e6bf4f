import Primitives
import Telemetry

/// What `/metrics` shows of certificates.
extension MetricsPage {
  struct CertificateExpiry: Sendable {
    /// One of the two is empty.
    var listener: String
    var service: String
    var certificate: String
    var end: WallTime
  }

  func addCertificates(to page: inout Exposition) {
    for certificate in certificates {
      page.gauge(
        "ballast_certificate_expiry_timestamp_seconds",
        help: "When a certificate in use ends, in seconds since 1970.",
        labels: [
          "listener": certificate.listener, "service": certificate.service,
          "certificate": certificate.certificate,
        ], value: Double(certificate.end.milliseconds) / 1000)
    }
    for (result, count) in renewals.sorted(by: { $0.key < $1.key }) {
      page.counter(
        "ballast_certificate_reloads_total",
        help: "Files of certificates and authorities that changed on disk, by result.",
        labels: ["result": result], count: count)
    }
  }
}
