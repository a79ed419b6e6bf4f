import Accounts
import Configuration
import EventLoop
import Faults
import Glibc
import Primitives
import Store

/// Users from one engine to the next, and the first of them.
extension ControlPlane {
  static let accountBeat = TimeSpan.seconds(10)

  private var latchFile: String { loaded.settings.state.path + "/sign-in" }
  private var setUpFile: String { loaded.settings.state.path + "/first-run-token" }

  /// Follows what the state says. One that was lost, or that is an older one, takes nobody's need to
  /// sign in away.
  func recallAccounts() {
    accounts.book = recalled.accounts
    accounts.isLatched = unsafe access(latchFile, F_OK) == 0
    latchAccounts()
    followSetUp()
  }

  /// Writes down what has changed.
  func keepAccounts() {
    let changes = accounts.book.takeChanges()
    guard !changes.isEmpty else { return }
    recorder.writer.write(.accounts(changes))
  }

  /// After users have changed: they are written down, and whoever is not let in any more goes.
  func accountsChanged() {
    keepAccounts()
    latchAccounts()
    followSetUp()
    closeStaleStreams()
  }

  func watchAccounts() {
    guard !isRetired else { return }
    reactor.schedule(after: Self.accountBeat) { self.watchAccounts() }
    accounts.book.expire(now: Clock.wallTime)
    keepAccounts()
    closeStaleStreams()
  }

  private func latchAccounts() {
    guard !accounts.isLatched, !accounts.book.users.isEmpty else { return }
    accounts.isLatched = true
    do throws(SavedFile.Failure) {
      try SavedFile.write(
        "There are users: Ballast asks everybody who they are, also after its database was lost.\n",
        to: latchFile, mode: 0o600)
    } catch {
      recorder.note("sign-in", .warning, "a lost state would let everybody in: \(error)")
    }
  }

  // MARK: The first run

  /// While somebody has to sign in and nobody can, the token in this file makes the first admin.
  /// It is nowhere else: not in the log, which others read.
  func followSetUp() {
    let isWanted = requiresSignIn && !accounts.book.hasAdmin
    if !isWanted {
      accounts.setUpDigest = nil
      if unsafe access(setUpFile, F_OK) == 0 { try? SavedFile.remove(setUpFile) }
      return
    }
    guard accounts.setUpDigest == nil else { return }
    if let bytes = try? ConfigurationFiles.bytes(setUpFile), bytes.count <= RandomText.longest {
      let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
      if token.hasPrefix(RandomText.tokenPrefix) { accounts.setUpDigest = RandomText.digest(token) }
    }
    if accounts.setUpDigest == nil, let token = RandomText.freshToken() {
      do throws(SavedFile.Failure) {
        try SavedFile.write(token + "\n", to: setUpFile, mode: 0o600)
        accounts.setUpDigest = RandomText.digest(token)
      } catch {
        recorder.note(
          "first-run", .error, "nobody can sign in, and no token can be kept: \(error)")
        return
      }
    }
    recorder.note(
      "first-run", .warning,
      "nobody can sign in yet: the token in \(setUpFile) makes the first admin")
  }
}
