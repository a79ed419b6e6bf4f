/// What `get` and `describe` can show.
enum Kind: String, CaseIterable, Sendable {
  case services, servers, routes, listeners, replicas, deployments, certificates, faults, alerts,
    events, bans, backups, drills, sinks

  var singular: String { String(rawValue.dropLast()) }

  /// Words of the contract whose turn has not come.
  private static let later = ["nodes"]

  static let names = allCases.map(\.rawValue)

  static func parse(_ word: String) throws(CommandFailure) -> Kind {
    if let kind = allCases.first(where: { $0.rawValue == word || $0.singular == word }) {
      return kind
    }
    if later.contains(word) || later.contains(word + "s") {
      throw .wrongUsage("'\(word)' is not supported yet")
    }
    throw .wrongUsage(
      "unknown kind '\(word)'",
      details: Suggestion.lines(word, among: names + allCases.map(\.singular))
        + ["the kinds are \(names.joined(separator: ", "))"])
  }

  /// Whether `--service` chooses among them.
  var belongsToService: Bool {
    switch self {
    case .servers, .replicas, .deployments, .faults, .alerts, .events, .routes: true
    case .services, .listeners, .bans, .certificates, .backups, .drills, .sinks: false
    }
  }
}
