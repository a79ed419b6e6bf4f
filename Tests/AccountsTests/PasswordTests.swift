import Testing

@testable import Accounts

struct PasswordTests {
  private let salt = [UInt8](0..<16)
  private let hash = [UInt8](0..<32)

  @Test func `a hash is read as it was written`() {
    let kept = PasswordHash(cost: .usual, salt: salt, hash: hash)
    #expect(kept.text.hasPrefix("scrypt$15$8$3$000102"))
    #expect(PasswordHash(kept.text) == kept)
    #expect(PasswordHash.Cost.usual.memory == 32 << 20)
  }

  @Test(arguments: [
    "", "scrypt", "scrypt$15$8$3$00$00", "argon2$15$8$3$%S$%H", "scrypt$15$8$3$%S$%H$",
    "scrypt$63$8$3$%S$%H", "scrypt$-1$8$3$%S$%H", "scrypt$20$16$1$%S$%H",
    "scrypt$15$8$99999999999999999999$%S$%H", "scrypt$15$8$3$%S$zz",
  ])
  func `what is no hash, or costs too much, is none`(_ template: String) {
    let parts = template.split(separator: "%", omittingEmptySubsequences: false).map {
      part -> String in
      if part.hasPrefix("S") { return Hexadecimal.text(salt) + part.dropFirst() }
      if part.hasPrefix("H") { return Hexadecimal.text(hash) + part.dropFirst() }
      return String(part)
    }
    #expect(PasswordHash(parts.joined()) == nil)
  }

  @Test func `only the same hash matches`() {
    let kept = PasswordHash(cost: .usual, salt: salt, hash: hash)
    #expect(kept.matches(hash))
    for place in hash.indices {
      var other = hash
      other[place] ^= 1
      #expect(!kept.matches(other))
    }
    #expect(!kept.matches([]) && !kept.matches(hash + [0]))
  }

  @Test func `a password is long, and not the name`() {
    for bad in ["", "short", "elevenbytes", "aaaaaaaaaaaaaaaa", "alice-1234567"] {
      #expect(AccountNames.problem(password: bad, of: "alice") != nil, "\(bad)")
    }
    let long = String(repeating: "ab", count: 128)
    #expect(AccountNames.problem(password: long, of: "alice") == nil)
    #expect(AccountNames.problem(password: long + "c", of: "alice") != nil)
    #expect(AccountNames.problem(password: "correct horse", of: "alice") == nil)
    #expect(AccountNames.problem(password: "a long enough one", of: "on") == nil)
  }

  @Test func `hexadecimal goes both ways, and nothing else is taken`() {
    let bytes = [UInt8](0...255)
    #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
    for bad in ["0", "0g", "AA", "00 "] { #expect(Hexadecimal.bytes(bad) == nil) }
  }
}
