/// Why a text is not an address.
struct AddressProblem {
  var message: String
  var help: String

  init(_ text: String) {
    let shown = Quoted.value(text)
    if let scheme = ["http://", "https://", "tcp://"].first(where: text.hasPrefix) {
      let rest = text.dropFirst(scheme.utf8.count).prefix { $0 != "/" }
      message = "\(shown) is a URL, not an address"
      help = "write \(Quoted.value(String(rest)))"
      return
    }
    guard let colon = text.lastIndex(of: ":") else {
      message = "\(shown) has no port"
      // A number alone is meant as the port.
      help =
        ScalarText.integer(text).map { (1...65535).contains($0) } == true
        ? "write '127.0.0.1:\(text)', or ':\(text)' to listen at every address"
        : "write 'ADDRESS:PORT', for example \(Quoted.value("\(text.prefix(64)):8080"))"
      return
    }
    let port = String(text[text.index(after: colon)...])
    let host = text[..<colon]
    if ScalarText.integer(port).map({ (0...65535).contains($0) }) != true {
      message = "\(Quoted.value(port)) is not a port"
      help = "a port is 1 to 65535, after the last ':'"
    } else if host.contains(":"), !host.hasPrefix("[") {
      message = "\(shown) is not an address"
      help = "an IPv6 address stands in brackets: '[::1]:8080'"
    } else if Self.looksLikeHostName(host) {
      message = "\(shown) has a host name, which is not supported yet"
      help = "write the host's IP address"
    } else {
      message = "\(shown) is not an address"
      help = "write 10.0.0.11:8080, [::1]:8080, localhost:8080 or unix:/path"
    }
  }

  private static func looksLikeHostName(_ host: Substring) -> Bool {
    let hasLetter = host.utf8.contains { (65...90).contains($0) || (97...122).contains($0) }
    return hasLetter && host.utf8.allSatisfy(TextRule.isNameByte)
  }
}
