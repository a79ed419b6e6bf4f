internal import AdminAPI
internal import FoundationEssentials
internal import Glibc
internal import Primitives

/// `login`, `logout` and `whoami`.
enum SignInCommands {
  static let usualLifetime = TimeSpan.hours(30 * 24)

  static let passwordFile = Option(
    "password-file", value: "FILE", "takes the password from its first line; - is standard input",
    completion: .files)

  static let login = Command(
    name: "login", summary: "signs in to a Ballast, for the commands that follow",
    discussion: """
      Asks for the password and gets a token for it, which is kept in ~/.config/ballast/tokens.json \
      (mode 0600) for that address and shown by the commands that follow. It may do what you may, and \
      ends after 30 days or with `logout`. Over http it goes to this machine only.
      """,
    arguments: [
      Argument(name: "NAME", summary: "the user (default: who you are here)", count: .optional)
    ],
    options: [
      passwordFile,
      Option("for", value: "DURATION", "how long it holds (default 720h)"),
      Option("plain", "sends the password also where others may read it on the way"),
    ],
    examples: [
      Example("ballast login ann --admin https://lb.example.com:9900", "asks for the password"),
      Example(
        "ballast login ci --password-file /run/secrets/ballast", "without a terminal"),
    ],
    formats: OutputFormat.single, remote: true, run: runLogin)

  static let logout = Command(
    name: "logout", summary: "takes back the token that `login` got",
    examples: [Example("ballast logout", "the commands that follow are let in no more")],
    remote: true, run: runLogout)

  static let whoami = Command(
    name: "whoami", summary: "shows who Ballast takes you for",
    examples: [
      Example("ballast whoami", "name, role, and what shows it"),
      Example("ballast whoami --socket run/ballast.sock", "over the socket"),
    ],
    formats: OutputFormat.single, remote: true
  ) { invocation throws(CommandFailure) in
    let client = try AdminClient(invocation)
    let bytes = try client.get(AdminPath("session"))
    let status = try client.decode(SessionStatus.self, bytes)
    try invocation.printAnswer(bytes) { () throws(CommandFailure) in words(status) }
    return status.signedIn ? .done : .failed
  }

  private static func words(_ status: SessionStatus) -> String {
    guard status.signedIn else {
      return status.setup
        ? "nobody yet: the token of the first run makes the first admin" : "nobody: sign in first"
    }
    let role = status.role?.rawValue ?? "metrics"
    let name = HumanText.printable(status.name ?? "")
    let how =
      switch status.means {
      case .socket: "over the socket"
      case .local: "since nobody has to sign in here"
      case .token: "by the token \(HumanText.printable(status.token ?? ""))"
      case .session, .setUp, .some(.none), nil: "signed in"
      }
    let end = status.expires.map { ", until \(HumanText.moment($0))" } ?? ""
    return "\(name), \(role), \(how)\(end)"
  }

  private static func runLogin(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    var client = try AdminClient(invocation)
    client.token = nil
    guard client.endpoint.isPrivate || invocation.has("plain") else {
      throw .failed(
        "over http everybody on the way reads the password",
        details: ["name an https address, or add --plain"])
    }
    let names = ["SUDO_USER", "USER", "LOGNAME"].compactMap { invocation.environment[$0] }
    guard let name = invocation.argument(0) ?? names.first(where: { !$0.isEmpty }) else {
      throw .wrongUsage("whom to sign in: ballast login NAME")
    }
    var lifetime = usualLifetime
    if let text = invocation.values["for"] {
      guard let span = HumanText.parseDuration(text), span > .zero else {
        throw .wrongUsage("--for is a time such as 30m or 24h, not '\(text)'")
      }
      lifetime = span
    }
    let password = try SecretInput.password(
      invocation, "password of \(HumanText.printable(name)): ")
    let bytes = try client.post(
      AdminPath("session"),
      SignInRequest(
        name: name, password: password, token: tokenName(name), expires: lifetime.seconds))
    let token = try client.decode(NewToken.self, bytes)
    try AdminTokens.keep(token.token, for: client.endpoint, invocation.environment)
    let status = token.status
    if let value = JSONValue(parsing: encoded(status)), invocation.printData(value) {
      return .done
    }
    let end = status.expires.map { " until \(HumanText.moment($0))" } ?? ""
    invocation.console.print(
      "\(status.owner ?? name): signed in at \(client.endpoint.description) as "
        + "\(status.scope.rawValue)\(end)")
    return .done
  }

  /// The token itself is for the file alone.
  private static func encoded(_ status: TokenStatus) -> [UInt8] {
    (try? JSONEncoder().encode(status)).map { [UInt8]($0) } ?? []
  }

  /// The same for the same person on the same machine, so that signing in again leaves one token.
  private static func tokenName(_ user: String) -> String {
    var bytes = [CChar](repeating: 0, count: 65)
    let host =
      unsafe gethostname(&bytes, bytes.count - 1) == 0
      ? String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    let text = "login-\(user)-\(host)".lowercased()
    let good = text.utf8.map { byte -> UInt8 in
      let isWord = (97...122).contains(byte) || (48...57).contains(byte)
      return isWord || "._@-".utf8.contains(byte) ? byte : UInt8(ascii: "-")
    }
    return String(decoding: good.prefix(64), as: UTF8.self)
  }

  private static func runLogout(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let client = try AdminClient(invocation)
    guard client.token != nil else {
      throw .failed("nobody is signed in at \(client.endpoint.description)")
    }
    do throws(CommandFailure) {
      _ = try client.delete(AdminPath("session"))
    } catch {
      // One that is not good any more is forgotten all the same.
      guard error.status == .failed else { throw error }
      invocation.console.message("\(error.message)")
    }
    try AdminTokens.keep(nil, for: client.endpoint, invocation.environment)
    invocation.console.print("signed out at \(client.endpoint.description)")
    return .done
  }
}
