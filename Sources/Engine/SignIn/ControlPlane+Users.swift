import Accounts
import AdminAPI
import EventLoop
import Faults
import Primitives

/// `/v1/users` and `/v1/tokens`.
extension ControlPlane {
  var userStatuses: [UserStatus] {
    let now = Clock.wallTime
    var sessions: [String: Int] = [:]
    for session in accounts.book.sessions.values where session.expires > now {
      sessions[session.user, default: 0] += 1
    }
    var tokens: [String: Int] = [:]
    for token in accounts.book.tokens.values {
      if let owner = token.owner { tokens[owner, default: 0] += 1 }
    }
    return accounts.book.users.values.sorted { $0.name < $1.name }.map { user in
      UserStatus(
        name: user.name, role: user.role, disabled: user.isDisabled, created: user.created,
        lastSignIn: user.lastSignIn, sessions: sessions[user.name] ?? 0,
        tokens: tokens[user.name] ?? 0)
    }
  }

  private func userAnswer(_ name: String, status: Int = 200) -> AdminAnswer {
    userStatuses.first { $0.name == name }.map { .json($0, status: status) }
      ?? .notFound("user \(name)")
  }

  func addUser(_ request: AdminRequest) async -> AdminAnswer {
    guard let asked = AdminJSON.decode(NewUser.self, request.body) else {
      return .error(
        400, "invalid",
        #"the body must be like {"name":"ann","role":"operator","password":"…"}"#)
    }
    let name = AccountNames.normal(asked.name)
    if let refusal = accounts.book.refusal(ofNew: name, role: asked.role) {
      return Self.answer(refusal)
    }
    if let problem = AccountNames.problem(password: asked.password, of: name) {
      return .error(400, "invalid", problem)
    }
    guard let hash = await accounts.hasher.hash(new: asked.password).text else {
      return .error(503, "unavailable", "too many sign in at once: try again")
    }
    // The token of the first run makes one user, however many ask at once.
    if request.credential == .setUp, accounts.setUpDigest == nil {
      return .error(401, "unauthorized", "there is a first user already")
    }
    do throws(AccountRefusal) {
      _ = try accounts.book.add(name, role: asked.role, password: hash, now: Clock.wallTime)
    } catch {
      return Self.answer(error)
    }
    accountsChanged()
    recorder.note("user-added", "\(request.actor.name) added \(name), \(asked.role.rawValue)")
    return userAnswer(name, status: 201)
  }

  func changeUser(_ text: String, _ request: AdminRequest) async -> AdminAnswer {
    let name = AccountNames.normal(text)
    guard let asked = AdminJSON.decode(UserChange.self, request.body) else {
      return .error(
        400, "invalid", #"the body must be like {"role":"viewer"}, with password or disabled"#)
    }
    guard accounts.book.users[name] != nil else { return .notFound("user \(name)") }
    var hash: String?
    if let password = asked.password {
      if let problem = AccountNames.problem(password: password, of: name) {
        return .error(400, "invalid", problem)
      }
      hash = await accounts.hasher.hash(new: password).text
      guard hash != nil else {
        return .error(503, "unavailable", "too many sign in at once: try again")
      }
    }
    do throws(AccountRefusal) {
      _ = try accounts.book.change(
        name, role: asked.role, password: hash, isDisabled: asked.disabled)
    } catch {
      return Self.answer(error)
    }
    if hash != nil { accounts.throttle.forget(name) }
    accountsChanged()
    var words: [String] = []
    if let role = asked.role { words.append("is \(role.rawValue)") }
    if hash != nil { words.append("has another password") }
    if let disabled = asked.disabled { words.append(disabled ? "is disabled" : "is enabled") }
    recorder.note(
      "user-changed", "by \(request.actor.name), \(name) \(words.joined(separator: " and "))")
    return userAnswer(name)
  }

  func setPassword(_ password: String, of name: String, keeping: String?) async -> AdminAnswer {
    guard let hash = await accounts.hasher.hash(new: password).text else {
      return .error(503, "unavailable", "too many sign in at once: try again")
    }
    do throws(AccountRefusal) {
      _ = try accounts.book.change(name, password: hash, keeping: keeping)
    } catch {
      return Self.answer(error)
    }
    accounts.throttle.forget(name)
    accountsChanged()
    recorder.note("user-changed", "\(name) has set another password")
    return userAnswer(name)
  }

  func removeUser(_ text: String, _ request: AdminRequest) -> AdminAnswer {
    let name = AccountNames.normal(text)
    let status = userStatuses.first { $0.name == name }
    do throws(AccountRefusal) {
      _ = try accounts.book.remove(name)
    } catch {
      return Self.answer(error)
    }
    accounts.throttle.forget(name)
    accountsChanged()
    recorder.note("user-removed", "\(request.actor.name) removed \(name)")
    return status.map { .json($0) } ?? .notFound("user \(name)")
  }

  static func answer(_ refusal: AccountRefusal) -> AdminAnswer {
    switch refusal {
    case .invalid(let message): .error(400, "invalid", message)
    case .unknown(let message): .error(404, "not-found", message)
    case .conflict(let message): .error(409, "conflict", message)
    case .forbidden(let message): .error(403, "forbidden", message)
    }
  }
}
