/// What a record says, with what hangs beneath it where `beneath` is filled.
extension FaultRecord {
  public var state: State {
    if resolved != nil { return .resolved }
    if recovered != nil { return .recovering }
    return acknowledged == nil ? .open : .acknowledged
  }

  /// The id of the fault that it is a part of, or its own.
  public var root: Int64 { parent ?? id }

  /// Whether nobody served a service while it lasted.
  public var isOutage: Bool {
    type.isOutage || beneath?.contains { $0.type.isOutage } == true
  }

  /// All services that it touches, in order.
  public var services: [String] {
    let all = [service] + (beneath?.map(\.service) ?? [])
    return Set(all.filter { !$0.isEmpty }).sorted()
  }

  /// All servers that it touches, in order.
  public var servers: [ServerName] {
    let names = ([self] + (beneath ?? [])).compactMap { record in
      record.server.map { ServerName(service: record.service, server: $0) }
    }
    return Set(names).sorted { ($0.service, $0.server) < ($1.service, $1.server) }
  }

  /// Those without a parent, in their order, each with what hangs beneath it, newest first.
  /// A record whose parent is not among them is left out.
  public static func roots(of records: [FaultRecord]) -> [FaultRecord] {
    var beneath: [Int64: [FaultRecord]] = [:]
    for record in records {
      if let parent = record.parent { beneath[parent, default: []].append(record) }
    }
    return records.filter { $0.parent == nil }.map { root in
      var root = root
      root.beneath = beneath[root.id]?.sorted { $0.id > $1.id }
      return root
    }
  }
}
