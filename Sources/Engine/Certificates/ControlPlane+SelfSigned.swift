import CLinux
import Configuration
import EventLoop
import Faults
import Glibc
import Primitives
import Routing
import TLS

/// Certificates for development, which Ballast makes and keeps in the state's folder.
extension ControlPlane {
  static let selfSignedSeconds = 90 * 86_400
  /// Before its end another is made.
  static let selfSignedRest = TimeSpan.hours(30 * 24)

  /// Makes those that are missing, that are for other names, or that end soon.
  /// - Returns: whether there are others than before.
  @discardableResult
  func followSelfSigned() -> Bool {
    var made: [String: TLSIdentity] = [:]
    for listener in loaded.settings.securedListeners where listener.tls?.isSelfSigned == true {
      let names = selfSignedNames(of: listener)
      if let known = certificates.selfSigned[listener.name], isGood(known, names) {
        made[listener.name] = known
        continue
      }
      let pair = selfSignedFiles(of: listener.name)
      do throws(TLSProblem) {
        if let kept = try? Self.identity(pair), isGood(kept, names) {
          made[listener.name] = kept
        } else {
          made[listener.name] = try makeSelfSigned(pair, names)
        }
      } catch {
        recorder.note(
          "certificate-unusable", .error,
          "the listener \(listener.name) has no certificate: \(error)")
      }
    }
    let before = certificates.selfSigned.mapValues { ObjectIdentifier($0) }
    certificates.selfSigned = made
    return before != made.mapValues { ObjectIdentifier($0) }
  }

  private func isGood(_ identity: TLSIdentity, _ names: Set<String>) -> Bool {
    // An address has several forms.
    let own = Set(identity.names.map { SocketAddress("[\($0)]:1")?.host ?? $0 })
    return identity.notAfter - Clock.wallTime > Self.selfSignedRest && own == names
  }

  /// localhost, where the listener is, and the hosts that routes lead from it.
  private func selfSignedNames(of listener: ListenerSettings) -> Set<String> {
    var names: Set<String> = ["localhost", "127.0.0.1", "::1"]
    switch listener.address {
    case .ipv4(let address, _): if address != 0 { names.insert(listener.address.host) }
    case .ipv6(let high, let low, _):
      if high != 0 || low != 0 { names.insert(listener.address.host) }
    case .unix: break
    }
    if listener.name == Self.adminListener { return names.union(loaded.settings.admin.hosts) }
    let routes = loaded.settings.routes.filter {
      $0.listeners.isEmpty || $0.listeners.contains(listener.name)
    }
    for host in routes.flatMap(\.match.hosts) {
      guard names.count < SelfSignedCertificate.mostNames else { break }
      switch host {
      case .exact(let name): names.insert(String(decoding: name, as: UTF8.self))
      case .below(let suffix): names.insert("*" + String(decoding: suffix, as: UTF8.self))
      }
    }
    return names
  }

  private func selfSignedFiles(of listener: String) -> CertificateSettings {
    let folder = loaded.settings.state.path + "/certificates"
    return CertificateSettings(
      certificate: "\(folder)/\(listener).pem", key: "\(folder)/\(listener).key")
  }

  private static func identity(_ pair: CertificateSettings) throws -> TLSIdentity {
    try TLSIdentity(
      certificate: ConfigurationFiles.bytes(pair.certificate),
      key: ConfigurationFiles.bytes(pair.key), source: pair.certificate, keySource: pair.key,
      now: Clock.wallTime)
  }

  /// One that can't be kept is used all the same, until the engine ends.
  private func makeSelfSigned(
    _ pair: CertificateSettings, _ names: Set<String>
  ) throws(TLSProblem) -> TLSIdentity {
    let made = try SelfSignedCertificate(names: names.sorted(), seconds: Self.selfSignedSeconds)
    let identity = try TLSIdentity(
      certificate: made.certificate, key: made.key, source: pair.certificate, keySource: pair.key,
      now: Clock.wallTime)
    _ = unsafe folder_make(loaded.settings.state.path + "/certificates", 0o700)
    do throws(SavedFile.Failure) {
      // The key first: a certificate whose key is another's is made anew.
      try SavedFile.write(String(decoding: made.key, as: UTF8.self), to: pair.key, mode: 0o600)
      try SavedFile.write(String(decoding: made.certificate, as: UTF8.self), to: pair.certificate)
    } catch {
      recorder.note(
        "certificate-warning", .warning, "the self-signed certificate is not kept: \(error)")
    }
    recorder.note(
      "certificate-made",
      "\(shown(pair.certificate)) is a certificate for development, SHA-256 \(identity.fingerprint)"
    )
    return identity
  }
}
