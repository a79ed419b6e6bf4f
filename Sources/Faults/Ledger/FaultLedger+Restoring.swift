import Primitives

/// What an engine finds, and what there is now.
extension FaultLedger {
  /// Two open records of one subject can only come from a store that an engine left in the middle
  /// of its work: the newest counts.
  mutating func restore(_ records: [FaultRecord], now: WallTime, _ output: inout Output) {
    for var record in records.sorted(by: { $0.id < $1.id }) where record.resolved == nil {
      let subject = Self.subject(of: record)
      record.beneath = nil
      if let former = open[subject]?.record { replace(former, by: record.id, now: now, &output) }
      var fault = OpenFault(record: record, since: record.detected)
      if case .server = subject, record.recovered == nil { fault.signs = Self.signs(of: record) }
      open[subject] = fault
      subjects[record.id] = subject
    }
    for (subject, fault) in open {
      guard let parent = fault.record.parent, subjects[parent] != nil else { continue }
      beneath[parent, default: []].insert(subject)
      if let root = subjects[parent], let member = Self.member(subject) {
        open[root]?.add(member, fault.record)
      }
    }
    for subject in inOrder(open.keys) {
      guard let record = open[subject]?.record else { continue }
      if let parent = record.parent, subjects[parent] == nil {
        change(subject, &output) { $0.record.parent = nil }
      }
      // Nobody knows of these any more; they are told again where they still hold.
      switch record.type {
      case .serverEjected, .saturation, .sloBurn:
        recover(subject, action: "another engine began", now: now, &output)
      default: followMembers(of: record.id, now: now, &output)
      }
    }
  }

  /// Before it is known what hangs beneath what.
  private mutating func replace(
    _ former: FaultRecord, by id: Int64, now: WallTime, _ output: inout Output
  ) {
    var former = former
    subjects[former.id] = nil
    former.append("followed by fault \(id)", now: now)
    finish(&former, since: former.recovered ?? now, now: now)
    output.saves.append(former)
  }

  private static func signs(of record: FaultRecord) -> Signs {
    switch record.type {
    case .serverEjected: .ejected
    case .replicaExited: .exited
    case .crashLoop: .exited
    default: .unhealthy
    }
  }

  static func subject(of record: FaultRecord) -> Subject {
    let about = record.subject ?? ""
    switch record.type {
    case .storeDamaged: return .store
    case .backupFailed: return .backup
    case .machineDown: return .machine(about)
    case .serviceDegraded: return .servers(of: record.service)
    case .deploymentFailed: return .deployment(record.service)
    case .saturation: return .saturation(record.service)
    case .sloBurn: return .objective(record.service, about)
    case .certificateExpiry: return .certificate(about)
    case .engineCrashed, .serviceDown, .failover: return .service(record.service)
    case .serverUnhealthy, .serverEjected, .replicaExited, .crashLoop:
      guard let server = record.server else { return .service(record.service) }
      return .server(ServerName(service: record.service, server: server))
    }
  }

  /// What is in trouble now is what was in trouble a moment ago, whatever state is there: those faults
  /// go on under numbers that the new state doesn't have. What it has open beside them is over.
  mutating func stateReplaced(
    open restored: [FaultRecord], highestFaultID fault: Int64, highestEventID event: Int64,
    now: WallTime, _ output: inout Output
  ) {
    let present = inOrder(open.keys).compactMap { subject in open[subject].map { (subject, $0) } }
    highestFaultID = max(highestFaultID, fault)
    highestEventID = max(highestEventID, event)
    (open, kept, subjects, beneath) = ([:], [], [:], [:])
    restore(restored, now: now, &output)
    for subject in inOrder(open.keys) {
      resolve(
        subject, action: "over by the time that this state was restored", isPersonal: true,
        now: now, &output)
    }
    var ids: [Int64: Int64] = [:]
    for (_, fault) in present { ids[fault.record.id] = nextFaultID() }
    for (subject, fault) in present {
      var fault = fault
      fault.record.id = ids[fault.record.id] ?? nextFaultID()
      fault.record.parent = fault.record.parent.flatMap { ids[$0] }
      open[subject] = fault
      subjects[fault.record.id] = subject
      if let parent = fault.record.parent { beneath[parent, default: []].insert(subject) }
      output.saves.append(fault.record)
    }
  }

  mutating func topologyChanged(
    _ servers: [String: Set<String>], _ machines: [ServerName: String], now: WallTime,
    _ output: inout Output
  ) {
    self.servers = servers
    self.machines = machines.filter { servers[$0.key.service]?.contains($0.key.server) == true }
    atMachine = [:]
    for (name, machine) in self.machines { atMachine[machine, default: []].insert(name) }
    let gone = open.keys.filter { subject in
      switch subject {
      case .server(let name): servers[name.service]?.contains(name.server) != true
      case .service(let name), .servers(let name), .deployment(let name), .saturation(let name),
        .objective(let name, _):
        !name.isEmpty && servers[name] == nil
      case .machine, .certificate, .store, .backup: false
      }
    }
    for subject in inOrder(gone) {
      resolve(subject, action: "no longer part of the configuration", now: now, &output)
    }
    stopping = stopping.filter { servers[$0.service]?.contains($0.server) == true }
  }
}
