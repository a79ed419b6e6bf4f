import AdminAPI
import TLS

/// What the admin API and the metrics tell of certificates.
extension ControlPlane {
  var certificateStatuses: [CertificateStatus] {
    certificatesInUse.map { use in
      let identity = use.identity
      return CertificateStatus(
        name: use.name, listeners: use.listeners, services: use.services,
        subject: identity.subject, issuer: identity.issuer, serial: identity.serial,
        fingerprint: identity.fingerprint, names: identity.names, key: identity.keyKind.text,
        notBefore: identity.notBefore, notAfter: identity.notAfter,
        isSelfSigned: certificates.selfSigned.values.contains { $0 === identity },
        problem: use.problem.map { "\(shown($0.source)): \($0.detail)" })
    }
  }

  /// One for each listener and each service.
  var certificateSeries: [MetricsPage.CertificateExpiry] {
    certificatesInUse.flatMap { use in
      let end = use.identity.notAfter
      return use.listeners.map {
        MetricsPage.CertificateExpiry(listener: $0, service: "", certificate: use.name, end: end)
      }
        + use.services.map {
          MetricsPage.CertificateExpiry(listener: "", service: $0, certificate: use.name, end: end)
        }
    }
  }
}

extension TLSIdentity.KeyKind {
  var text: String {
    switch self {
    case .rsa(let bits): "RSA \(bits)"
    case .ellipticCurve(let bits): "EC \(bits)"
    case .edwards: "Edwards"
    }
  }
}
