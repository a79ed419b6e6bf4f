extension Store {
  /// Takes the place of what was set for the server; forgets it when nothing is set.
  public func saveServerOverride(
    service: String, server: String, _ override: ServerOverride
  ) throws(StoreError) {
    if override.isEmpty {
      try database.run(
        "DELETE FROM server_overrides WHERE service = ? AND server = ?",
        [.text(service), .text(server)])
    } else {
      try database.run(
        "INSERT OR REPLACE INTO server_overrides (service, server, state, weight) VALUES (?, ?, ?, ?)",
        [
          .text(service), .text(server), SQLValue(override.state),
          SQLValue(override.weight.map(Int64.init)),
        ])
    }
  }

  /// By service, then by server.
  public func serverOverrides() throws(StoreError) -> [String: [String: ServerOverride]] {
    var overrides: [String: [String: ServerOverride]] = [:]
    try database.run("SELECT service, server, state, weight FROM server_overrides") { row in
      guard let service = row.text(0), let server = row.text(1) else { return }
      overrides[service, default: [:]][server] = ServerOverride(
        state: row.text(2), weight: row.integer(3).map(Int.init(clamping:)))
    }
    return overrides
  }

  /// The number of replicas that an operator asked for; nil goes back to the configuration's.
  public func saveReplicaCount(service: String, _ replicas: Int?) throws(StoreError) {
    if let replicas {
      try database.run(
        "INSERT OR REPLACE INTO replica_counts (service, replicas) VALUES (?, ?)",
        [.text(service), .integer(Int64(replicas))])
    } else {
      try database.run("DELETE FROM replica_counts WHERE service = ?", [.text(service)])
    }
  }

  /// By service.
  public func replicaCounts() throws(StoreError) -> [String: Int] {
    var counts: [String: Int] = [:]
    try database.run("SELECT service, replicas FROM replica_counts") { row in
      guard let service = row.text(0), let replicas = row.integer(1) else { return }
      counts[service] = Int(clamping: replicas)
    }
    return counts
  }

  public func value(forKey key: String) throws(StoreError) -> String? {
    var value: String?
    try database.run("SELECT value FROM settings WHERE key = ?", [.text(key)]) { row in
      value = row.text(0)
    }
    return value
  }

  /// Nil forgets the key.
  public func setValue(_ value: String?, forKey key: String) throws(StoreError) {
    if let value {
      try database.run(
        "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", [.text(key), .text(value)])
    } else {
      try database.run("DELETE FROM settings WHERE key = ?", [.text(key)])
    }
  }
}
