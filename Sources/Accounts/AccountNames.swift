/// What users, tokens and passwords may be like.
public enum AccountNames {
  public static let longest = 64
  /// Bytes; length is what makes a password hard to guess, and all that is asked for.
  public static let shortestPassword = 12
  public static let longestPassword = 256

  public static let rule =
    "a name has 1 to \(longest) of a-z, 0-9 and . _ @ -, and begins with a letter or a digit"

  /// The one form of a name: case tells no two users apart.
  public static func normal(_ name: String) -> String { name.lowercased() }

  /// Of a name in its normal form.
  public static func isGood(_ name: String) -> Bool {
    guard (1...longest).contains(name.utf8.count), let first = name.utf8.first else { return false }
    let isWord = { (byte: UInt8) in (97...122).contains(byte) || (48...57).contains(byte) }
    return isWord(first) && name.utf8.allSatisfy { isWord($0) || "._@-".utf8.contains($0) }
  }

  /// - Returns: why it can't be one; nil for a good one.
  public static func problem(password: String, of name: String) -> String? {
    let count = password.utf8.count
    if count < shortestPassword {
      return "a password has \(shortestPassword) bytes or more"
    }
    if count > longestPassword { return "a password has \(longestPassword) bytes or fewer" }
    let plain = password.lowercased()
    if plain.utf8.allSatisfy({ $0 == plain.utf8.first }) {
      return "a password is more than one letter again and again"
    }
    // A name of two letters is in many a good password.
    if name.utf8.count >= 4, plain.contains(name) {
      return "a password does not have the user's name in it"
    }
    return nil
  }
}
