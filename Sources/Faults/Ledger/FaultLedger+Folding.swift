import Primitives

/// Which faults are one: those that failed together hang beneath what they have in common.
extension FaultLedger {
  /// From so many servers of one service on, they are one fault, if they are half of it.
  static let fewestTogether = 3

  /// A fault of this server was opened, or its cause came back.
  mutating func fold(_ name: ServerName, now: WallTime, _ output: inout Output) {
    let subject = Subject.server(name)
    guard let fault = open[subject], fault.record.parent == nil else { return }
    if let machine = machines[name], open[.machine(machine)] != nil {
      adopt([subject], under: .machine(machine), now: now, &output)
      return placeOutage(of: name.service, now: now, &output)
    }
    if open[.deployment(name.service)]?.replicas.contains(name.server) == true {
      adopt([subject], under: .deployment(name.service), now: now, &output)
      return placeOutage(of: name.service, now: now, &output)
    }
    if open[.servers(of: name.service)] != nil {
      adopt([subject], under: .servers(of: name.service), now: now, &output)
    } else if let outage = open[.service(name.service)]?.record, outage.parent == nil,
      outage.recovered == nil
    {
      adopt([subject], under: .service(name.service), now: now, &output)
    }
    if !foldMachine(of: name, now: now, &output) { foldService(name.service, now: now, &output) }
    placeOutage(of: name.service, now: now, &output)
  }

  /// All that there is at one address failed: the machine, or the way to it.
  private mutating func foldMachine(
    of name: ServerName, now: WallTime, _ output: inout Output
  ) -> Bool {
    guard let machine = machines[name], let all = atMachine[machine], all.count > 1,
      all.allSatisfy({ open[.server($0)] != nil })
    else { return false }
    let recent = all.filter { isRecent(.server($0), now: now) && mayMove(.server($0)) }
    guard recent.count > 1,
      all.allSatisfy({ recent.contains($0) || isFailing(.server($0)) }),
      isExplained(by: machine, all)
    else { return false }
    let subjects = inOrder(recent.map(Subject.server))
    let began = subjects.compactMap { open[$0]?.record.began }.min() ?? now
    guard
      begin(.machine(machine), .machineDown, cause: "", began: began, now: now, &output)
    else { return false }
    output.saves.removeLast()
    adopt(subjects, under: .machine(machine), now: now, &output)
    let services = Set(all.map(\.service))
    if services.count == 1, let service = services.first {
      change(.machine(machine), &output) { $0.record.service = service }
    }
    noteGroup(.machine(machine), "machine-down", now: now, &output)
    for service in services.sorted() { placeOutage(of: service, now: now, &output) }
    return true
  }

  /// Where all servers of one machine are all that one service has, either may be the cause. The
  /// machine that we run on ourselves is not.
  private func isExplained(by machine: String, _ all: Set<ServerName>) -> Bool {
    let services = Set(all.map(\.service))
    if services.count > 1 || !Self.isOwn(machine) { return true }
    guard let service = services.first else { return false }
    return servers[service, default: []].contains { server in
      let name = ServerName(service: service, server: server)
      return !all.contains(name) && !isFailing(.server(name))
    }
  }

  static func isOwn(_ machine: String) -> Bool {
    machine == "::1" || machine.hasPrefix("127.")
  }

  /// Half of a service's servers, or more, at once: they have something in common.
  private mutating func foldService(
    _ service: String, now: WallTime, _ output: inout Output
  ) {
    guard open[.servers(of: service)] == nil else { return }
    let all = servers[service, default: []]
    guard open.count >= Self.fewestTogether, open.count * 2 >= all.count else { return }
    let recent = all.filter { server in
      let subject = Subject.server(ServerName(service: service, server: server))
      guard isRecent(subject, now: now), mayMove(subject) else { return false }
      let parent = open[subject]?.record.parent
      return parent == nil || parent == open[.service(service)]?.record.id
    }
    guard recent.count >= Self.fewestTogether, recent.count * 2 >= all.count else { return }
    let subjects = inOrder(
      recent.map { Subject.server(ServerName(service: service, server: $0)) })
    let began = subjects.compactMap { open[$0]?.record.began }.min() ?? now
    guard
      begin(.servers(of: service), .serviceDegraded, cause: "", began: began, now: now, &output)
    else { return }
    output.saves.removeLast()
    adopt(subjects, under: .servers(of: service), now: now, &output)
    noteGroup(.servers(of: service), "service-degraded", now: now, &output)
  }

  private mutating func noteGroup(
    _ subject: Subject, _ type: String, now: WallTime, _ output: inout Output
  ) {
    guard let record = open[subject]?.record else { return }
    note(
      type, .error, service: record.service.isEmpty ? nil : record.service, record.cause, now: now,
      &output)
  }

  // MARK: What holds of a fault

  func isFailing(_ subject: Subject) -> Bool {
    open[subject].map { $0.record.recovered == nil } ?? false
  }

  /// Began, or came back, with those of now.
  private func isRecent(_ subject: Subject, now: WallTime) -> Bool {
    guard let fault = open[subject] else { return false }
    return now - fault.since <= Self.foldWindow
  }

  /// What a deployment, or another machine, explains is explained.
  private func mayMove(_ subject: Subject) -> Bool {
    guard let parent = open[subject]?.record.parent,
      let root = self.subject(ofFault: parent)
    else { return true }
    switch root {
    case .machine, .deployment: return false
    default: return true
    }
  }

  // MARK: Parents

  /// Hangs faults beneath another, with all that hangs beneath them.
  mutating func adopt(
    _ subjects: [Subject], under root: Subject, now: WallTime, _ output: inout Output
  ) {
    guard let id = open[root]?.record.id else { return }
    var left: Set<Int64> = []
    for subject in subjects where subject != root {
      guard let record = open[subject]?.record, record.parent != id else { continue }
      if let former = record.parent {
        beneath[former]?.remove(subject)
        left.insert(former)
      }
      let parts = inOrder(beneath.removeValue(forKey: record.id) ?? [])
      for part in [subject] + parts {
        change(part, &output) { $0.record.parent = id }
        beneath[id, default: []].insert(part)
      }
    }
    for subject in subjects {
      guard let member = Self.member(subject), let record = open[subject]?.record else { continue }
      open[root]?.add(member, record)
    }
    if subjects.contains(where: { Self.member($0) != nil }) {
      keepOpen(id, &output)
      retitle(root, now: now, &output)
    }
    for former in left.sorted() { leave(former, for: id, now: now, &output) }
  }

  /// A group without members was a part of the other one.
  private mutating func leave(
    _ former: Int64, for root: Int64, now: WallTime, _ output: inout Output
  ) {
    guard let subject = subject(ofFault: former), case .servers = subject,
      (beneath[former] ?? []).allSatisfy({ Self.member($0) == nil })
    else { return }
    if let rootSubject = self.subject(ofFault: root) {
      adopt([subject], under: rootSubject, now: now, &output)
    }
    resolve(subject, action: "part of fault \(root)", since: now, now: now, &output)
  }

  /// Says of a group what its servers have in common.
  private mutating func retitle(_ root: Subject, now: WallTime, _ output: inout Output) {
    guard let group = open[root], group.record.inferredCause == nil,
      let began = group.causes.first
    else { return }
    let what: String
    switch root {
    case .machine(let address): what = "\(group.members.count) servers at \(address)"
    case .servers(let service):
      let all = max(servers[service]?.count ?? 0, group.members.count)
      what = "\(group.members.count) of \(all) servers"
    default: return
    }
    change(root, &output) { fault in
      fault.record.began = min(fault.record.began, began)
      fault.record.cause = FaultRecord.bounded(
        "\(what) failed within \(group.causes.span): \(group.causes.text)")
    }
  }

  /// The roots of what is wrong with a service's servers now.
  func roots(ofServersOf service: String) -> Set<Int64> {
    Set(
      servers[service, default: []].compactMap { server in
        let fault = open[.server(ServerName(service: service, server: server))]
        guard let fault, fault.record.recovered == nil else { return nil }
        return fault.record.root
      })
  }

  /// That a service is down follows from what is wrong with its servers, if that is one thing.
  mutating func placeOutage(of service: String, now: WallTime, _ output: inout Output) {
    guard let outage = open[.service(service)]?.record, outage.recovered == nil else { return }
    let roots = roots(ofServersOf: service)
    guard roots.count == 1, let root = roots.first, root != outage.id, root != outage.parent,
      let subject = subject(ofFault: root)
    else { return }
    adopt([.service(service)], under: subject, now: now, &output)
  }
}
