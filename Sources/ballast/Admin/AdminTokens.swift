internal import FoundationEssentials
internal import Glibc

/// The token that a command shows: of a file, of the environment, or kept by `login` for that address.
enum AdminTokens {
  /// The environment variable that takes a token.
  static let variable = "BALLAST_TOKEN"
  /// The one that takes a file with it.
  static let fileVariable = "BALLAST_TOKEN_FILE"
  static let longest = 128
  /// Of the file of tokens.
  static let mostBytes = 1 << 20

  static func find(
    _ invocation: Invocation, for endpoint: AdminEndpoint
  ) throws(CommandFailure) -> String? {
    let environment = invocation.environment
    if let path = invocation.values["token-file"] { return try read(path, "--token-file") }
    if let token = environment[variable], !token.isEmpty { return try checked(token, variable) }
    if let path = environment[fileVariable], !path.isEmpty { return try read(path, fileVariable) }
    guard endpoint.unixSocket == nil else { return nil }
    return kept(environment)[endpoint.base]
  }

  private static func read(_ path: String, _ source: String) throws(CommandFailure) -> String {
    try checked(try SecretInput.firstLine(of: path, source), source)
  }

  private static func checked(_ token: String, _ source: String) throws(CommandFailure) -> String {
    guard (1...longest).contains(token.utf8.count),
      token.utf8.allSatisfy({ (33...126).contains($0) })
    else { throw .wrongUsage("\(source) has no token: one is a word such as blt_0123…") }
    return token
  }

  // MARK: What `login` keeps

  /// Nil where the environment names no home.
  private static func folder(_ environment: [String: String]) -> String? {
    if let path = environment["XDG_CONFIG_HOME"], path.hasPrefix("/") { return path + "/ballast" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.config/ballast"
  }

  /// By address; empty where nothing is kept, or nothing that can be read.
  private static func kept(_ environment: [String: String]) -> [String: String] {
    guard let folder = folder(environment),
      let bytes = SecretInput.bytes(of: folder + "/tokens.json", most: mostBytes)
    else { return [:] }
    return (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
  }

  /// - Parameter token: nil forgets it.
  static func keep(
    _ token: String?, for endpoint: AdminEndpoint, _ environment: [String: String]
  ) throws(CommandFailure) {
    guard let folder = folder(environment) else {
      throw .failed("there is no home to keep the token in: $HOME is not set")
    }
    var tokens = kept(environment)
    guard tokens[endpoint.base] != token else { return }
    tokens[endpoint.base] = token
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    guard let bytes = try? encoder.encode(tokens) else { return }
    try write([UInt8](bytes) + [10], to: folder)
  }

  /// For nobody else's eyes, and the old or the new one at every moment.
  private static func write(_ bytes: [UInt8], to folder: String) throws(CommandFailure) {
    let parent = String(folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.endIndex))
    for path in [parent, folder] where unsafe mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw failure("create \(path)")
    }
    let path = folder + "/tokens.json"
    let draft = "\(path).\(getpid())"
    let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("write \(draft)") }
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    let isWhole = count == bytes.count && fsync(file) == 0
    close(file)
    guard isWhole, unsafe rename(draft, path) == 0 else {
      let problem = failure("write \(path)")
      unsafe unlink(draft)
      throw problem
    }
  }

  private static func failure(_ what: String) -> CommandFailure {
    .failed("cannot \(what): \(unsafe String(cString: strerror(errno)))")
  }
}
