import Certificates
import Configuration
import Primitives
import TLS

/// What the control plane keeps of certificates: the files, what became of them, and how near their
/// ends are.
struct CertificateKeeping {
  let shelf: CertificateShelf
  var maker = ContextMaker()
  var renewals: [CertificateSettings: RenewalMachine] = [:]
  var authorityRenewals: [AuthorityFiles: RenewalMachine] = [:]
  var expiry = ExpiryMachine()
  var expiryDue = Instant.zero
  /// Made by Ballast, by listener.
  var selfSigned: [String: TLSIdentity] = [:]
  /// Fingerprints of what the workers were told of.
  var used: [CertificateSettings: String] = [:]
  /// Changes on disk that were taken, and that were refused.
  var counts: [String: UInt64] = ["success": 0, "failure": 0]

  init(_ shelf: CertificateShelf) { self.shelf = shelf }

  /// Follows a configuration: what it names is watched from here on, and nothing else.
  mutating func follow(_ settings: Settings) {
    let (pairs, authorities) = (settings.certificatePairs, settings.authorityFiles)
    shelf.keep(pairs, authorities)
    renewals = renewals.filter { pairs.contains($0.key) }
    for pair in pairs where renewals[pair] == nil { renewals[pair] = RenewalMachine() }
    used = used.filter { pairs.contains($0.key) }
    authorityRenewals = authorityRenewals.filter { authorities.contains($0.key) }
    for files in authorities where authorityRenewals[files] == nil {
      authorityRenewals[files] = RenewalMachine()
    }
    maker.keep(
      listeners: Set(settings.securedListeners.map(\.name)),
      services: Set(settings.services.map(\.name)).union(
        settings.events.sinks.map { Self.name(ofSink: $0.name) }))
  }

  /// No service has a name like this.
  static func name(ofSink name: String) -> String { "sink/\(name)" }
}

extension Settings {
  /// What the admin address is called among the listeners; none of them can have that name.
  static let adminListener = "@admin"

  /// The listeners that speak TLS, and behind them the admin address if it does.
  var securedListeners: [ListenerSettings] {
    var secured = listeners.filter { $0.tls != nil }
    if let tls = admin.tls {
      var listener = ListenerSettings(
        name: Self.adminListener, address: admin.address, service: nil)
      listener.tls = tls
      secured.append(listener)
    }
    return secured
  }

  /// All that it names, those for clients and those for servers.
  var certificatePairs: Set<CertificateSettings> {
    Set(
      securedListeners.flatMap { $0.tls?.certificates ?? [] }
        + services.compactMap { $0.tls?.certificate }
        + events.sinks.compactMap { $0.tls?.certificate })
  }

  var authorityFiles: Set<AuthorityFiles> {
    Set(
      securedListeners.compactMap { $0.tls?.authorityFiles }
        + services.compactMap { $0.tls?.authorityFiles }
        + events.sinks.compactMap { $0.tls?.authorityFiles })
  }
}

extension ListenerTLSSettings {
  var authorityFiles: AuthorityFiles? {
    clientCA.map { AuthorityFiles(authorities: $0, revocations: clientCRL) }
  }
}

extension ServiceTLSSettings {
  var authorityFiles: AuthorityFiles? { ca.map { AuthorityFiles(authorities: $0) } }
}
