import Accounts
import AdminAPI
import EventLoop
import Faults
import Primitives

/// `/v1/session`.
extension ControlPlane {
  /// Of failed sign-ins, which somebody who guesses has many of, one line in so long.
  static let failureBeat = TimeSpan.seconds(10)
  static let shortestToken = TimeSpan.minutes(1)
  static let longestToken = TimeSpan.hours(10 * 366 * 24)

  func sessionStatus(_ request: AdminRequest) -> SessionStatus {
    let actor = request.actor
    var status = SessionStatus(
      required: requiresSignIn, signedIn: actor.role != nil || actor.means == .token,
      setup: accounts.setUpDigest != nil)
    guard status.signedIn || actor.means == .setUp else { return status }
    (status.name, status.role, status.means) = (actor.name, actor.role, actor.means)
    status.token = actor.token
    if case .session(let digest) = request.credential {
      status.csrf = request.csrfExpected
      status.expires = accounts.book.sessions[digest]?.expires
    } else if let name = actor.token {
      status.expires = accounts.book.tokens[name]?.expires
    }
    return status
  }

  func signIn(_ request: AdminRequest) async -> AdminAnswer {
    guard let asked = AdminJSON.decode(SignInRequest.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"name":"ann","password":"…"}"#)
    }
    let name = AccountNames.normal(asked.name)
    guard AccountNames.isGood(name) else { return .error(400, "invalid", AccountNames.rule) }
    if let refusal = await refusal(ofPassword: asked.password, of: name, request) {
      return refusal
    }
    accounts.counts["success", default: 0] += 1
    await renewHash(of: name, asked.password)
    if let token = asked.token { return giveToken(token, asked.expires, to: name, request) }
    if case .session(let digest) = request.credential { accounts.book.end(session: digest) }
    guard let secret = RandomText.fresh(),
      let session = accounts.book.begin(
        session: RandomText.digest(secret), of: name, from: request.peer.description,
        now: Clock.wallTime)
    else { return .error(503, "unavailable", "there can be no session now: try again") }
    accountsChanged()
    recorder.note("sign-in", "\(name) signed in from \(request.peer.description)")
    var known = request
    known.actor = AdminActor(
      name: name, role: accounts.book.users[name]?.role, from: request.peer.description,
      means: .session)
    known.credential = .session(session.digest)
    known.csrfExpected = RandomText.csrf(of: secret)
    var answer = AdminAnswer.json(sessionStatus(known))
    answer.headers.append(("Set-Cookie", cookie(secret, request)))
    return answer
  }

  /// Nil for the right password of somebody who may sign in.
  func refusal(
    ofPassword password: String, of name: String, _ request: AdminRequest
  ) async -> AdminAnswer? {
    guard password.utf8.count <= AccountNames.longestPassword else {
      return .error(
        400, "invalid", "a password has \(AccountNames.longestPassword) bytes or fewer")
    }
    let group = AddressGroup(request.peer.address)
    let user = accounts.book.users[name]
    // The machine's own people are let in without a password.
    if group != .machine,
      let wait = accounts.throttle.attempt(
        name, isUser: user != nil, from: group, now: Clock.now)
    {
      accounts.counts["throttled", default: 0] += 1
      return Self.later(429, "throttled", wait, "there were too many attempts: try again later")
    }
    guard let isRight = await accounts.hasher.matches(password, user?.password) else {
      accounts.throttle.dropped(name, from: group)
      accounts.counts["busy", default: 0] += 1
      return Self.later(503, "unavailable", .seconds(2), "too many sign in at once: try again")
    }
    // It may have been changed meanwhile.
    guard isRight, let now = accounts.book.users[name], now.password == user?.password,
      !now.isDisabled
    else {
      accounts.throttle.failed(name, from: group, now: Clock.now)
      noteFailure(of: name, request)
      return .error(401, "unauthorized", "the name or the password is wrong")
    }
    accounts.throttle.succeeded(name, from: group, now: Clock.now)
    return nil
  }

  private static func later(
    _ status: Int, _ code: String, _ wait: TimeSpan, _ message: String
  ) -> AdminAnswer {
    var answer = AdminAnswer.error(status, code, message)
    let seconds = max(1, (wait.milliseconds + 999) / 1_000)
    answer.headers.append(("Retry-After", "\(seconds)"))
    return answer
  }

  private func noteFailure(of name: String, _ request: AdminRequest) {
    accounts.counts["failure", default: 0] += 1
    accounts.failures += 1
    if let told = accounts.failuresTold, Clock.now - told < Self.failureBeat { return }
    let before = accounts.failures > 1 ? ", after \(accounts.failures - 1) others" : ""
    accounts.failures = 0
    accounts.failuresTold = Clock.now
    recorder.note(
      "sign-in-failed", .warning,
      "\(request.peer.description) did not know the password of \(name)\(before)")
  }

  /// A hash of a former cost is made anew while the password is at hand.
  private func renewHash(of name: String, _ password: String) async {
    guard let kept = accounts.book.users[name]?.password,
      PasswordHash(kept)?.cost != PasswordHash.Cost.usual,
      let fresh = await accounts.hasher.hash(new: password).text,
      accounts.book.users[name]?.password == kept
    else { return }
    _ = try? accounts.book.change(name, password: fresh)
    keepAccounts()
  }

  /// One of that name that the user has already gives it its place.
  private func giveToken(
    _ token: String, _ expires: Double?, to name: String, _ request: AdminRequest
  ) -> AdminAnswer {
    guard let role = accounts.book.users[name]?.role,
      let scope = TokenScope(rawValue: role.rawValue)
    else { return .error(401, "unauthorized", "the name or the password is wrong") }
    let actor = AdminActor(
      name: name, role: role, from: request.peer.description, means: .session)
    if accounts.book.tokens[token]?.owner == name {
      _ = try? accounts.book.removeToken(token, by: actor)
    }
    return addToken(TokenRequest(name: token, scope: scope, expires: expires), by: actor)
  }

  func signOut(_ request: AdminRequest) -> AdminAnswer {
    switch request.credential {
    case .session(let digest): accounts.book.end(session: digest)
    case .token(let name): _ = try? accounts.book.removeToken(name, by: request.actor)
    case .none, .machine, .local, .setUp:
      return .error(409, "conflict", "there is no session to end here")
    }
    accountsChanged()
    recorder.note("sign-out", "\(request.actor.name) signed out")
    var answer = AdminAnswer.json(
      SessionStatus(
        required: requiresSignIn, signedIn: false, setup: accounts.setUpDigest != nil))
    answer.headers.append(("Set-Cookie", cookie(nil, request)))
    return answer
  }

  func changePassword(_ request: AdminRequest) async -> AdminAnswer {
    guard let asked = AdminJSON.decode(PasswordChange.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"current":"…","password":"…"}"#)
    }
    let name = request.actor.name
    guard [.session, .token].contains(request.actor.means), accounts.book.users[name] != nil else {
      return .error(409, "conflict", "only a user has a password")
    }
    if let problem = AccountNames.problem(password: asked.password, of: name) {
      return .error(400, "invalid", problem)
    }
    if let refusal = await refusal(ofPassword: asked.current, of: name, request) {
      // Who asks is signed in: 401 would say that this is over.
      return refusal.status == 401
        ? .error(403, "forbidden", "the current password is wrong") : refusal
    }
    var own: String?
    if case .session(let digest) = request.credential { own = digest }
    return await setPassword(asked.password, of: name, keeping: own)
  }

  private func cookie(_ secret: String?, _ request: AdminRequest) -> String {
    let name = sessionCookie(request)
    let rest = "; Path=/; HttpOnly; SameSite=Strict" + (request.peer.isEncrypted ? "; Secure" : "")
    guard let secret else { return "\(name)=; Max-Age=0\(rest)" }
    let seconds = AccountBook.longestSession.milliseconds / 1_000
    return "\(name)=\(secret); Max-Age=\(seconds)\(rest)"
  }
}
