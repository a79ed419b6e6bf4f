/// `SERVICE/SERVER`.
struct ServerName {
  var service: String
  /// May hold further slashes, as the name of a server on a unix socket does.
  var server: String

  init(_ word: String) throws(CommandFailure) {
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw .wrongUsage(
        "a server is written SERVICE/SERVER, not '\(word)'",
        details: ["`ballast get servers` lists them"])
    }
    (service, server) = (String(parts[0]), String(parts[1]))
  }

  var path: AdminPath { AdminPath("servers", service, server) }
}
