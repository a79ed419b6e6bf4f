import Accounts
import AdminAPI
import Primitives
import Testing

@testable import Store

struct StoreAccountsTests {
  private let now = WallTime(milliseconds: 1_000_000_000_000)

  @Test func `users, tokens and sessions are there again after a restart, and gone when removed`()
    async throws
  {
    let folder = try TemporaryFolder()
    var book = AccountBook()
    _ = try book.add("ann", role: .admin, password: "hash", now: now)
    _ = try book.add("bob", role: .viewer, password: "hash", now: now)
    let ann = AdminActor(name: "ann", role: .admin, from: "", means: .session)
    _ = try book.addToken(
      "ci", digest: "c1", scope: .operator, lifetime: .hours(1), by: ann, now: now)
    _ = try book.addToken("m", digest: "c2", scope: .metrics, lifetime: nil, by: ann, now: now)
    _ = book.begin(session: "5e", of: "ann", from: "127.0.0.1:1", now: now)
    let first = Store.open(folder: folder.state, now: now).store
    try await first.save(book.takeChanges())
    await first.close()

    let second = Store.open(folder: folder.state, now: now).store
    var again = try await second.accounts()
    #expect(again.users == book.users)
    #expect(again.tokens == book.tokens)
    #expect(again.sessions == book.sessions)
    _ = try again.removeToken("m", by: ann)
    again.end(session: "5e")
    _ = try again.remove("bob")
    try await second.save(again.takeChanges())
    let left = try await second.accounts()
    #expect(left.users.keys.sorted() == ["ann"] && left.tokens.keys.sorted() == ["ci"])
    #expect(left.sessions.isEmpty)
    await second.close()
  }

  @Test func `a role that is not known lets nobody in`() async throws {
    let folder = try TemporaryFolder()
    let store = Store.open(folder: folder.state, now: now).store
    let user = UserRecord(name: "ann", role: .admin, password: "hash", created: now)
    try await store.save([.user(user)])
    try await store.execute("UPDATE users SET role = 'emperor'")
    #expect(try await store.accounts().users.isEmpty)
    await store.close()
  }
}
