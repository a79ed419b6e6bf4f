import Accounts
import AdminAPI
import EventLoop
import Faults
import Primitives

/// `/v1/tokens`.
extension ControlPlane {
  static let usualToken = TimeSpan.hours(90 * 24)

  /// All for an admin, else one's own.
  func tokenStatuses(for actor: AdminActor) -> [TokenStatus] {
    accounts.book.tokens.values.filter { accounts.book.mayTouch($0, actor) }
      .sorted { $0.name < $1.name }.map { Self.status(of: $0) }
  }

  private static func status(of token: TokenRecord) -> TokenStatus {
    TokenStatus(
      name: token.name, owner: token.owner, scope: token.scope, created: token.created,
      expires: token.expires, lastUsed: token.lastUsed)
  }

  func addToken(_ request: AdminRequest) -> AdminAnswer {
    guard let asked = AdminJSON.decode(TokenRequest.self, request.body) else {
      return .error(
        400, "invalid",
        #"the body must be like {"name":"ci","scope":"operator","expires":86400}"#)
    }
    return addToken(asked, by: request.actor)
  }

  func addToken(_ asked: TokenRequest, by actor: AdminActor) -> AdminAnswer {
    var lifetime: TimeSpan? = Self.usualToken
    if let seconds = asked.expires {
      lifetime = seconds == 0 ? nil : TimeSpan.seconds(1).scaled(by: seconds)
      if let span = lifetime, !(Self.shortestToken...Self.longestToken).contains(span) {
        return .error(
          400, "invalid", "expires is 60 seconds to ten years, or 0 for a token without an end")
      }
    }
    guard let token = RandomText.freshToken() else {
      return .error(503, "unavailable", "the system gives no randomness: there can be no token")
    }
    let record: TokenRecord
    do throws(AccountRefusal) {
      record = try accounts.book.addToken(
        asked.name, digest: RandomText.digest(token), scope: asked.scope, lifetime: lifetime,
        by: actor, now: Clock.wallTime)
    } catch {
      return Self.answer(error)
    }
    accountsChanged()
    let end = record.expires.map { "until \($0)" } ?? "without an end"
    recorder.note(
      "token-added",
      "\(actor.name) made the token \(record.name), \(record.scope.rawValue), \(end)")
    return .json(NewToken(token: token, status: Self.status(of: record)), status: 201)
  }

  func removeToken(_ name: String, _ request: AdminRequest) -> AdminAnswer {
    let record: TokenRecord
    do throws(AccountRefusal) {
      record = try accounts.book.removeToken(name, by: request.actor)
    } catch {
      return Self.answer(error)
    }
    accountsChanged()
    recorder.note("token-removed", "\(request.actor.name) took the token \(name) back")
    return .json(Self.status(of: record))
  }
}
