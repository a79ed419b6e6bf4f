import Configuration
import EventLoop
import Faults
import Glibc
import Primitives
import Supervision
import TLS

/// Where the admin API listens.
extension ControlPlane {
  /// What the keeper calls these listeners: by their addresses, so that one that moves is there before
  /// the former one goes.
  static func adminLabels(_ settings: AdminSettings) -> [(label: String, address: SocketAddress)] {
    var labels = [("admin \(settings.address)", settings.address)]
    if let path = settings.socket {
      let socket = SocketAddress.unix(path: path)
      labels.append(("admin \(socket)", socket))
    }
    if let page = settings.statusPage {
      labels.append((statusPageLabel + "\(page.address)", page.address))
    }
    return labels
  }

  /// Begins the labels of a listener that answers nothing but the status page.
  static let statusPageLabel = "status page "

  /// - Returns: false, with a line in the log, when it can't listen there.
  func openAdmin() async -> Bool {
    for (label, address) in Self.adminLabels(loaded.settings.admin) {
      switch await listen(label, address, sockets: 1) {
      case .success(let answer):
        guard serveAdmin(label, address, answer) else { return false }
      case .failure(let failure):
        log.error("the admin API cannot listen at \(address): \(failure.message)")
        return false
      }
    }
    return true
  }

  func serveAdmin(
    _ label: String, _ address: SocketAddress, _ answer: ListeningAnswer
  ) -> Bool {
    guard let descriptor = answer.descriptors.first else { return false }
    Descriptor.close(Array(answer.descriptors.dropFirst()))
    secureAdmin()
    var isUnix = false
    if case .unix(let path) = address {
      isUnix = true
      if unsafe chmod(path, 0o600) != 0 {
        recorder.note("admin-socket", .warning, "the mode of \(path) could not be set to 0600")
      }
    } else if !label.hasPrefix(Self.statusPageLabel) {
      adminAddress = answer.address
    }
    do throws(EventLoop.SystemError) {
      try admin.listen(
        label, descriptor, isUnixSocket: isUnix, isPublic: label.hasPrefix(Self.statusPageLabel))
      return true
    } catch {
      log.error("the admin API does not listen at \(address): \(error)")
      return false
    }
  }

  /// Those that a configuration has and the other one hasn't.
  static func newAdminLabels(
    of settings: AdminSettings, besides others: AdminSettings
  ) -> [(label: String, address: SocketAddress)] {
    let known = Set(adminLabels(others).map(\.label))
    return adminLabels(settings).filter { !known.contains($0.label) }
  }

  /// After a reload: the new ones answer, the former ones take nobody any more. What they took is
  /// answered still.
  func moveAdmin(
    from before: AdminSettings,
    to answers: [(label: String, address: SocketAddress, answer: ListeningAnswer)]
  ) {
    for (label, address, answer) in answers { _ = serveAdmin(label, address, answer) }
    for (label, address) in Self.newAdminLabels(of: before, besides: loaded.settings.admin) {
      admin.unlisten(label)
      tell(.unlisten(name: label))
      log.info("the admin API does not listen at \(address) any more")
    }
    followSetUp()
    closeStaleStreams()
    if !answers.isEmpty {
      recorder.note("admin-moved", "the admin API and the dashboard answer at \(adminAddress)")
      warnOfOpenAdmin()
    }
  }

  func warnOfOpenAdmin() {
    guard !adminAddress.isLoopback else { return }
    if loaded.settings.admin.tls == nil {
      recorder.note(
        "admin-plain", .warning,
        "the admin API at \(adminAddress) has no TLS: whoever is on the way reads passwords and tokens"
      )
    }
    if !requiresSignIn {
      recorder.note(
        "admin-open", .warning,
        "the admin API at \(adminAddress) is open to others, and asks nobody who they are")
    }
  }

  /// Names that it answers under besides its address. A page that is reached under a name of its
  /// certificates has proven to be this one.
  var adminHosts: Set<String> {
    let listener = loaded.settings.securedListeners.first { $0.name == Self.adminListener }
    let identities = listener.flatMap { listener in
      listener.tls.map { usableIdentities(of: listener, $0) }
    }
    return Set(loaded.settings.admin.hosts).union((identities ?? []).flatMap(\.names))
  }

  /// As certificates call it among the listeners.
  static let adminListener = Settings.adminListener

  /// Says what connections begin with from here on.
  func secureAdmin() {
    let settings = loaded.settings.securedListeners
    guard let listener = settings.first(where: { $0.name == Self.adminListener }),
      let tls = listener.tls
    else {
      admin.security = .plain
      return
    }
    do throws(TLSProblem) {
      admin.security = .tls(
        try certificates.maker.server(
          listener.name, tls, usableIdentities(of: listener, tls),
          tls.authorityFiles.flatMap { certificates.shelf[$0]?.value }, takesHTTP2: false))
    } catch {
      admin.security = .tls(nil)
      noteUnusable("the admin API cannot speak TLS: \(error)")
    }
  }
}
