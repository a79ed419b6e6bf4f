import AdminAPI
import Primitives
import Testing

@testable import Accounts

struct AccountBookTests {
  private let now = WallTime(milliseconds: 1_000_000_000_000)

  private func book() throws -> AccountBook {
    var book = AccountBook()
    _ = try book.add("ann", role: .admin, password: "a", now: now)
    _ = try book.add("bob", role: .operator, password: "b", now: now)
    _ = book.takeChanges()
    return book
  }

  private func actor(_ name: String, _ role: Role) -> AdminActor {
    AdminActor(name: name, role: role, from: "", means: .session)
  }

  @Test func `the first user is an admin`() throws {
    var book = AccountBook()
    #expect(throws: AccountRefusal.self) {
      try book.add("bob", role: .operator, password: "b", now: now)
    }
    _ = try book.add("ann", role: .admin, password: "a", now: now)
    #expect(book.hasAdmin)
  }

  @Test(arguments: ["", "Ann", "a b", "-a", "a/b", "ä", String(repeating: "a", count: 65), "a\n"])
  func `a name that is no name is refused`(_ name: String) throws {
    var book = try book()
    #expect(throws: AccountRefusal.invalid(AccountNames.rule)) {
      try book.add(name, role: .viewer, password: "x", now: now)
    }
    #expect(book.takeChanges().isEmpty)
  }

  @Test func `the last admin stays one, however it is tried`() throws {
    var book = try book()
    let refusal = AccountRefusal.conflict("ann is the last admin")
    #expect(throws: refusal) { try book.remove("ann") }
    #expect(throws: refusal) { try book.change("ann", role: .operator) }
    #expect(throws: refusal) { try book.change("ann", isDisabled: true) }
    _ = try book.add("eve", role: .admin, password: "e", now: now)
    _ = try book.change("eve", isDisabled: true)
    #expect(throws: refusal) { try book.remove("ann") }
    _ = try book.change("eve", isDisabled: false)
    _ = try book.remove("ann")
    #expect(book.hasAdmin)
  }

  @Test func `a session lets its user in until it is idle or old`() throws {
    var book = try book()
    _ = book.begin(session: "d", of: "bob", from: "", now: now)
    let found = book.actor(sessionDigest: "d", from: "x", now: now)
    #expect(found == AdminActor(name: "bob", role: .operator, from: "x", means: .session))
    #expect(book.actor(sessionDigest: "e", from: "x", now: now) == nil)
    let idle = now.advanced(by: AccountBook.idleSession)
    #expect(!book.isGood(session: "d", now: idle))
    // In use all the time it lasts as long as one may.
    var time = now
    while time < now.advanced(by: AccountBook.longestSession) {
      #expect(book.actor(sessionDigest: "d", from: "x", now: time) != nil)
      time = time.advanced(by: .hours(6))
    }
    #expect(book.actor(sessionDigest: "d", from: "x", now: time) == nil)
    book.expire(now: time)
    #expect(book.sessions.isEmpty)
  }

  @Test(arguments: 0..<4)
  func `a user's sessions end with a new password, a lower role, disabling and removal`(
    _ change: Int
  ) throws {
    var book = try book()
    _ = book.begin(session: "d", of: "bob", from: "", now: now)
    _ = book.begin(session: "a", of: "ann", from: "", now: now)
    switch change {
    case 0: _ = try book.change("bob", password: "c")
    case 1: _ = try book.change("bob", role: .viewer)
    case 2: _ = try book.change("bob", isDisabled: true)
    default: _ = try book.remove("bob")
    }
    #expect(book.actor(sessionDigest: "d", from: "", now: now) == nil)
    #expect(book.actor(sessionDigest: "a", from: "", now: now) != nil)
  }

  @Test func `the session in which somebody changes the password stays`() throws {
    var book = try book()
    _ = book.begin(session: "d", of: "bob", from: "", now: now)
    _ = book.begin(session: "e", of: "bob", from: "", now: now)
    _ = try book.change("bob", password: "c", keeping: "d")
    #expect(book.sessions.keys.sorted() == ["d"])
  }

  @Test func `of too many sessions the one that was used least lately goes`() throws {
    var book = try book()
    for number in 0...AccountBook.mostSessions {
      let time = now.advanced(by: .seconds(Int64(number)))
      _ = book.begin(session: "\(number)", of: "bob", from: "", now: time)
    }
    #expect(book.sessions.count == AccountBook.mostSessions)
    #expect(book.sessions["0"] == nil)
    #expect(book.takeChanges().contains(AccountChange.sessionRemoved("0")))
  }

  @Test func `a token may do no more than its scope, nor than its owner`() throws {
    var book = try book()
    let bob = actor("bob", .operator)
    #expect(throws: AccountRefusal.self) {
      try book.addToken("t", digest: "t", scope: .admin, lifetime: nil, by: bob, now: now)
    }
    _ = try book.addToken("t", digest: "t", scope: .operator, lifetime: nil, by: bob, now: now)
    _ = try book.addToken("m", digest: "m", scope: .metrics, lifetime: nil, by: bob, now: now)
    #expect(book.actor(tokenDigest: "t", from: "", now: now)?.role == .operator)
    let found = book.actor(tokenDigest: "m", from: "", now: now)
    let scraper = try #require(found)
    #expect(scraper.role == nil && scraper.means == .token)
    _ = try book.change("bob", role: .viewer)
    #expect(book.actor(tokenDigest: "t", from: "", now: now)?.role == .viewer)
    _ = try book.change("bob", isDisabled: true)
    #expect(book.actor(tokenDigest: "t", from: "", now: now) == nil)
    #expect(!book.isGood(token: "t", now: now))
    _ = try book.remove("bob")
    #expect(book.tokens.isEmpty)
  }

  @Test func `a token that a token makes ends with it at the latest and has its owner`() throws {
    var book = try book()
    let made = try book.addToken(
      "t", digest: "t", scope: .operator, lifetime: .hours(1), by: actor("bob", .operator),
      now: now)
    let found = book.actor(tokenDigest: "t", from: "", now: now)
    let holder = try #require(found)
    let second = try book.addToken(
      "u", digest: "u", scope: .viewer, lifetime: nil, by: holder, now: now)
    #expect(second.owner == "bob" && second.expires == made.expires)
    let over = now.advanced(by: .hours(1))
    #expect(book.actor(tokenDigest: "t", from: "", now: over) == nil)
    book.expire(now: over)
    #expect(book.tokens.isEmpty)
  }

  @Test func `others' tokens are touched by admins only`() throws {
    var book = try book()
    _ = try book.addToken(
      "t", digest: "t", scope: .operator, lifetime: nil, by: actor("bob", .operator), now: now)
    _ = try book.add("eve", role: .operator, password: "e", now: now)
    #expect(throws: AccountRefusal.unknown("there is no token t")) {
      try book.removeToken("t", by: actor("eve", .operator))
    }
    _ = try book.removeToken("t", by: actor("ann", .admin))
    #expect(book.tokens.isEmpty)
  }

  @Test func `what is written down brings the same book back`() throws {
    var book = try book()
    var users = book.users
    _ = book.begin(session: "d", of: "bob", from: "", now: now)
    _ = try book.addToken(
      "t", digest: "t", scope: .viewer, lifetime: nil, by: actor("bob", .operator), now: now)
    var (tokens, sessions): ([TokenRecord], [SessionRecord]) = ([], [])
    for change in book.takeChanges() {
      switch change {
      case .user(let user): users[user.name] = user
      case .token(let token): tokens.append(token)
      case .session(let session): sessions.append(session)
      case .userRemoved, .tokenRemoved, .sessionRemoved: Issue.record("nothing was removed")
      }
    }
    let again = AccountBook(users: Array(users.values), tokens: tokens, sessions: sessions)
    #expect(again.users == book.users && again.tokens == book.tokens)
    #expect(again.sessions == book.sessions)
  }
}
