import Certificates
import Configuration
import EventLoop
import Faults
import Primitives
import TLS

/// Certificates: what TLS is spoken with, and what becomes of it while Ballast runs.
extension ControlPlane {
  /// How often the files are looked at: a change is in use within a second.
  static let certificateBeat = TimeSpan.milliseconds(400)
  static let expiryBeat = TimeSpan.minutes(1)

  /// Makes ready what the configuration names, and tells the workers.
  func followCertificates() {
    certificates.follow(loaded.settings)
    followSelfSigned()
    secure()
  }

  /// Makes contexts of what is known now. One that can't be made serves nobody.
  private func secure() {
    certificates.maker.tickets = tickets
    var contexts = TLSContexts()
    for listener in loaded.settings.listeners {
      guard let tls = listener.tls else { continue }
      let id = identities.listener(listener.name)
      do throws(TLSProblem) {
        contexts.listeners[id] = try certificates.maker.server(
          listener.name, tls, usableIdentities(of: listener, tls),
          tls.authorityFiles.flatMap { certificates.shelf[$0]?.value },
          takesHTTP2: listener.http2 ?? true)
        if contexts.listeners[id] == nil {
          noteUnusable("the listener \(listener.name) has no certificate that can be used")
        }
      } catch {
        noteUnusable("the listener \(listener.name) cannot speak TLS: \(error)")
      }
    }
    for service in loaded.settings.services {
      guard let tls = service.tls else { continue }
      let id = identities.service(service.name)
      do throws(TLSProblem) {
        contexts.services[id] = try certificates.maker.client(
          service.name, tls, tls.certificate.flatMap { certificates.shelf[$0]?.value },
          tls.authorityFiles.flatMap { certificates.shelf[$0]?.value },
          protocols: service.protocol.offered)
        if contexts.services[id] == nil {
          noteUnusable("the service \(service.name) has no certificate that can be used")
        }
      } catch {
        noteUnusable("the service \(service.name) cannot speak TLS: \(error)")
      }
    }
    secureAdmin()
    if case .tls(nil) = admin.security {
      noteUnusable("the admin API has no certificate that can be used")
    }
    followEventSinks()
    showStatuses()
    dataPlane.secure(contexts)
    noteRenewals()
  }

  /// Those of the files first: Ballast's own is for names that none of them has.
  func usableIdentities(
    of listener: ListenerSettings, _ tls: ListenerTLSSettings
  ) -> [TLSIdentity] {
    let given = tls.certificates.compactMap { certificates.shelf[$0]?.value }
    return given + (certificates.selfSigned[listener.name].map { [$0] } ?? [])
  }

  func noteUnusable(_ message: String) {
    recorder.note("certificate-unusable", .error, message)
  }

  // MARK: Files that change

  /// Looks at the files, again and again.
  func watchCertificates() {
    guard !isRetired else { return }
    reactor.schedule(after: Self.certificateBeat) { self.watchCertificates() }
    for pair in certificates.renewals.keys { look(at: pair) }
    for files in certificates.authorityRenewals.keys { look(at: files) }
    // Also what was read for a configuration that was refused then.
    if certificates.shelf.takeNews() { secure() }
    guard Clock.now >= certificates.expiryDue else { return }
    certificates.expiryDue = Clock.now + Self.expiryBeat
    if followSelfSigned() { secure() }
    tellExpiries()
  }

  private func look(at pair: CertificateSettings) {
    let shelf = certificates.shelf
    let event = RenewalMachine.Event.looked(hasChanged: shelf.hasChanged(pair))
    var action = certificates.renewals[pair]?.handle(event, now: Clock.now)
    if action == .read {
      let isGood = shelf.read(pair, now: Clock.wallTime).problem == nil
      action = certificates.renewals[pair]?.handle(.read(isGood: isGood), now: Clock.now)
    }
    if action == .refuse, let entry = shelf[pair], let problem = entry.problem {
      refuse(problem, hasFormer: entry.value != nil)
    }
  }

  private func look(at files: AuthorityFiles) {
    let shelf = certificates.shelf
    let event = RenewalMachine.Event.looked(hasChanged: shelf.hasChanged(files))
    var action = certificates.authorityRenewals[files]?.handle(event, now: Clock.now)
    if action == .read {
      let isGood = shelf.read(files, now: Clock.wallTime).problem == nil
      action = certificates.authorityRenewals[files]?.handle(.read(isGood: isGood), now: Clock.now)
    }
    guard let entry = shelf[files] else { return }
    if action == .take {
      certificates.counts["success", default: 0] += 1
      let names = files.paths.map(shown).joined(separator: " and ")
      recorder.note("authorities-renewed", "\(names) changed, and what it holds now is in use")
    } else if action == .refuse, let problem = entry.problem {
      refuse(problem, hasFormer: entry.value != nil)
    }
  }

  /// Tells of certificates that took the place of others under the same names.
  private func noteRenewals() {
    for pair in loaded.settings.certificatePairs {
      guard let new = certificates.shelf[pair]?.value else { continue }
      let former = certificates.used.updateValue(new.fingerprint, forKey: pair)
      guard let former, former != new.fingerprint else { continue }
      certificates.counts["success", default: 0] += 1
      recorder.note(
        "certificate-renewed",
        "\(shown(pair.certificate)) is another and in use: \(new.subject), until \(new.notAfter)")
      for warning in new.warnings {
        recorder.note(
          "certificate-warning", .warning, "\(shown(warning.source)): \(warning.detail)")
      }
    }
    tellExpiries()
  }

  private func refuse(_ problem: TLSProblem, hasFormer: Bool) {
    certificates.counts["failure", default: 0] += 1
    recorder.note(
      "certificate-refused", .error,
      "\(shown(problem.source)): \(problem.detail)"
        + (hasFormer ? "; what it held before stays in use" : ""))
  }

  /// As the file's owner would write it: beside the configuration.
  func shown(_ path: String) -> String {
    let folder = loaded.folder.hasSuffix("/") ? loaded.folder : loaded.folder + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }

  // MARK: Their ends

  private func tellExpiries() {
    let all = certificatesInUse.map { use in
      ExpiryMachine.Certificate(
        name: use.name, fingerprint: use.identity.fingerprint, notAfter: use.identity.notAfter)
    }
    let now = Clock.wallTime
    var ending: [String: String] = [:]
    for certificate in all where certificate.notAfter - now <= ExpiryMachine.ahead[1] {
      let verb = certificate.notAfter > now ? "expires" : "expired"
      ending[certificate.name] = "\(certificate.name) \(verb) on \(certificate.notAfter)"
    }
    recorder.handle(.certificatesNearEnd(ending))
    for notice in certificates.expiry.handle(all, now: now) {
      let (name, end) = (notice.certificate.name, notice.certificate.notAfter)
      switch notice.stage {
      case .far: break
      case .threeWeeks:
        recorder.note("certificate-expires", .warning, "\(name) expires in 21 days, on \(end)")
      case .week:
        recorder.note("certificate-expires", .error, "\(name) expires in 7 days, on \(end)")
      case .over: recorder.note("certificate-expired", .error, "\(name) expired on \(end)")
      }
    }
  }
}

/// A certificate, and who uses it.
struct CertificateUse: Sendable {
  /// Its file, as it is shown.
  var name: String
  var identity: TLSIdentity
  /// What its files hold now, if that can't be used.
  var problem: TLSProblem?
  var listeners: [String]
  var services: [String]
}

extension ControlPlane {
  /// In the order of the configuration.
  var certificatesInUse: [CertificateUse] {
    var uses: [CertificateUse] = []
    var places: [CertificateSettings: Int] = [:]
    func add(_ pair: CertificateSettings) -> Int? {
      if let place = places[pair] { return place }
      guard let entry = certificates.shelf[pair], let identity = entry.value else { return nil }
      places[pair] = uses.count
      uses.append(
        CertificateUse(
          name: shown(pair.certificate), identity: identity, problem: entry.problem,
          listeners: [], services: []))
      return uses.count - 1
    }
    for listener in loaded.settings.securedListeners {
      for pair in listener.tls?.certificates ?? [] {
        if let place = add(pair) { uses[place].listeners.append(listener.name) }
      }
      if let own = certificates.selfSigned[listener.name] {
        uses.append(
          CertificateUse(
            name: shown(own.source), identity: own, problem: nil, listeners: [listener.name],
            services: []))
      }
    }
    for service in loaded.settings.services {
      guard let pair = service.tls?.certificate, let place = add(pair) else { continue }
      uses[place].services.append(service.name)
    }
    return uses
  }
}
