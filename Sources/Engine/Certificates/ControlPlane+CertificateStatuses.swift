import Certificates
import EventLoop
import Faults
import Outbound
import Primitives
import TLS

/// What responders say of certificates in use, by fingerprint.
struct CertificateStatuses {
  struct One {
    var machine = StatusMachine()
    var status: TLSCertificateStatus?
  }

  var known: [String: One] = [:]
  var asking = 0
}

/// The status of certificates (OCSP) that clients are shown with them.
extension ControlPlane {
  static let statusBeat = TimeSpan.seconds(1)
  /// Questions under way; others wait.
  static let mostQuestions = 4

  /// Looks at what is due, again and again.
  func watchStatuses() {
    guard !isRetired, drain == nil else { return }
    reactor.schedule(after: Self.statusBeat) { self.watchStatuses() }
    let asked = certificatesInUse.filter { !$0.listeners.isEmpty && $0.identity.responder != nil }
    let fingerprints = Set(asked.map(\.identity.fingerprint))
    statuses.known = statuses.known.filter { fingerprints.contains($0.key) }
    for use in asked { look(at: use) }
  }

  /// Shows what is known already with identities that were read anew.
  func showStatuses() {
    for use in certificatesInUse {
      if let status = statuses.known[use.identity.fingerprint]?.status {
        use.identity.show(status)
      }
    }
  }

  private func look(at use: CertificateUse) {
    let key = use.identity.fingerprint
    guard statuses.asking < Self.mostQuestions else { return }
    let action = statuses.known[key, default: CertificateStatuses.One()].machine.handle(
      .looked, now: Clock.wallTime)
    switch action {
    case .none, .show: break
    case .hide:
      statuses.known[key]?.status = nil
      use.identity.show(nil)
      recorder.note(
        "certificate-status-over", .warning,
        "\(use.name): what its responder said holds no longer, and there is nothing newer")
    case .ask: ask(use)
    }
  }

  private func ask(_ use: CertificateUse) {
    guard let url = use.identity.responder, let question = use.identity.statusRequest else {
      return answered(use, .failure("its file has not the certificate that issued it"))
    }
    let request = OutboundRequest(
      .post, url, headers: [OutboundHeader("Content-Type", "application/ocsp-request")],
      body: question, timeoutMilliseconds: 10_000, bodyLimitBytes: TLSIdentity.largestStatus)
    do throws(OutboundError) {
      _ = try responders.begin(OutboundProbe(request, goal: .body)) { outcome in
        self.statuses.asking -= 1
        switch outcome {
        case .success(let response):
          self.answered(
            use,
            response.succeeded ? .answer(response.body) : .failure("it answered \(response.status)")
          )
        case .failure(let error): self.answered(use, .failure("\(error)"))
        }
      }
      statuses.asking += 1
    } catch {
      answered(use, .failure("\(error)"))
    }
  }

  private enum Word {
    case answer([UInt8])
    case failure(String)
  }

  private func answered(_ use: CertificateUse, _ word: Word) {
    let key = use.identity.fingerprint
    guard var one = statuses.known[key] else { return }
    defer { statuses.known[key] = one }
    let problem: String
    switch word {
    case .failure(let text): problem = text
    case .answer(let bytes):
      do throws(TLSProblem) {
        let status = try use.identity.status(bytes)
        if one.machine.failures > 0 {
          recorder.note(
            "certificate-status-known", "\(use.name): its responder tells its status again")
        }
        _ = one.machine.handle(.answered(nextUpdate: status.nextUpdate), now: Clock.wallTime)
        one.status = status
        use.identity.show(status)
        return
      } catch {
        problem = error.detail
      }
    }
    // The first of several is told.
    if one.machine.failures == 0 {
      recorder.note(
        "certificate-status-unknown", .warning,
        "\(use.name): its status cannot be told to clients: \(problem)")
    }
    _ = one.machine.handle(.failed, now: Clock.wallTime)
  }
}
