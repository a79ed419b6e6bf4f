import Glibc
import Primitives
import Store
import Testing

@testable import Engine

@Suite struct SessionSecretTests {
  private func store(_ folder: String) -> Store {
    Store.open(folder: folder, now: WallTime(milliseconds: 0)).store
  }

  private func temporaryFolder() -> String? {
    var pattern = Array("/var/tmp/ballast-session-XXXXXX".utf8CString)
    return unsafe pattern.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, let made = unsafe mkdtemp(base) else { return nil }
      return unsafe String(cString: made)
    }
  }

  private func remove(_ folder: String) {
    for name in ["ballast.db", "ballast.db-wal", "ballast.db-shm", "ballast.lock"] {
      unsafe unlink("\(folder)/\(name)")
    }
    unsafe rmdir(folder)
  }

  private func token(_ secret: SessionSecret, _ service: String, _ server: String) -> String {
    String(
      decoding: SessionTokenMaker(secret: secret).token(service: service, server: server),
      as: UTF8.self)
  }

  @Test func `a token is the same after a restart`() async throws {
    let folder = try #require(temporaryFolder())
    defer { remove(folder) }
    let first = store(folder)
    let before = try #require(await SessionSecret.recall(from: first))
    await first.close()
    let second = store(folder)
    let after = try #require(await SessionSecret.recall(from: second))
    await second.close()
    #expect(token(before, "shop", "s1") == token(after, "shop", "s1"))
  }

  @Test func `a secret that was damaged in the store is replaced for good`() async throws {
    let folder = try #require(temporaryFolder())
    defer { remove(folder) }
    let store = store(folder)
    for damaged in ["", "00", String(repeating: "g", count: 64)] {
      try await store.setValue(damaged, forKey: SessionSecret.storeKey)
      let fresh = try #require(await SessionSecret.recall(from: store))
      let again = try #require(await SessionSecret.recall(from: store))
      #expect(token(fresh, "shop", "s1") == token(again, "shop", "s1"))
    }
    await store.close()
  }

  @Test func `a store that fails costs no sessions`() async throws {
    let folder = try #require(temporaryFolder())
    defer { remove(folder) }
    let store = store(folder)
    await store.close()
    #expect(await SessionSecret.recall(from: store) != nil)
  }

  @Test func `a token is an authentication code of both names`() async throws {
    let folder = try #require(temporaryFolder())
    defer { remove(folder) }
    let store = store(folder)
    // As `openssl dgst -sha256 -mac HMAC -macopt hexkey:…` and `basenc --base64url` have it.
    let secret = (0..<32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    try await store.setValue(secret, forKey: SessionSecret.storeKey)
    let known = try #require(await SessionSecret.recall(from: store))
    #expect(token(known, "shop", "s1") == "rVxCwewdR3T7u0c2lUO5NKxI")
    await store.close()
  }

  @Test func `tokens differ by secret, service and server, and are cookie text`() throws {
    let secret = try #require(SessionSecret.fresh())
    let other = try #require(SessionSecret.fresh())
    let tokens = [
      token(secret, "shop", "s1"), token(other, "shop", "s1"), token(secret, "shop", "s2"),
      token(secret, "shops", "1"), token(secret, "sho", "ps1"),
    ]
    #expect(Set(tokens).count == tokens.count)
    for token in tokens {
      #expect(token.utf8.count == 24)
      #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
    }
  }

  @Test func `a secret that is printed shows nothing`() throws {
    let secret = try #require(SessionSecret.fresh())
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret)" == "SessionSecret")
    #expect(String(reflecting: secret) == "SessionSecret")
    #expect(dumped == "- SessionSecret\n")
  }
}
