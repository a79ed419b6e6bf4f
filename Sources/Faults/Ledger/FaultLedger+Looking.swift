/// What the ledger knows.
extension FaultLedger {
  /// Open faults and the last resolved ones, newest first, with those that hang beneath others.
  public var records: [FaultRecord] {
    (open.values.map(\.record) + kept).sorted { $0.id > $1.id }
  }

  /// Those that are not resolved and hang beneath no other, newest first, each with all that hangs
  /// beneath it, also what is resolved already.
  public var openRoots: [FaultRecord] {
    guard !open.isEmpty else { return [] }
    return FaultRecord.roots(of: records).filter { $0.resolved == nil }
  }

  /// With those that hang beneath others, and those that recover.
  public var openCount: Int { open.count }

  /// Root causes that are there now, by type.
  public var troubles: [FaultRecord.Kind: Int] {
    open.values.reduce(into: [:]) { counts, fault in
      guard fault.record.parent == nil, fault.record.recovered == nil else { return }
      counts[fault.record.type, default: 0] += 1
    }
  }

  /// How many of them there are.
  public var troubleCount: Int { troubles.values.reduce(0, +) }

  /// Whether something is wrong with the server now.
  public func isOpen(_ name: ServerName) -> Bool { isFailing(.server(name)) }
}
