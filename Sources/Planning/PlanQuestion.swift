public import AdminAPI
public import Configuration

/// What a plan is made of: two configurations, and what the services carry now.
public struct PlanQuestion: Sendable {
  public var old: ConfigurationVersion
  public var new: ConfigurationVersion
  /// By service, of all in either configuration that there is anything to say of.
  public var services: [String: ServicePicture]
  /// Open connections by listener.
  public var connections: [String: Int]
  /// Keys that differ and hold only for the next engine.
  public var needsUpgrade: [String]
  public var warnings: [String]

  public init(
    old: ConfigurationVersion, new: ConfigurationVersion,
    services: [String: ServicePicture] = [:], connections: [String: Int] = [:],
    needsUpgrade: [String] = [], warnings: [String] = []
  ) {
    self.old = old
    self.new = new
    self.services = services
    self.connections = connections
    self.needsUpgrade = needsUpgrade
    self.warnings = warnings
  }

  public func plan() -> ChangePlan {
    var plan = ChangePlan(
      differences: old.differences(to: new).map(ChangePlan.Difference.init),
      listeners: listeners, needsUpgrade: needsUpgrade, warnings: warnings)
    plan.services = changedServices.map(service)
    plan.risks = PlanRisks(self, plan).all
    plan.isUnderCapacity = plan.services.contains { service in
      [.short, .unproven].contains(service.capacity.verdict)
    }
    return plan
  }

  // MARK: Listeners

  private var listeners: [ChangePlan.Listener] {
    var changes: [ChangePlan.Listener] = []
    for listener in new.settings.listeners {
      let before = old.settings.listeners.first { $0.name == listener.name }
      if before.map({ $0.isSocket(of: listener) }) ?? false { continue }
      changes.append(
        ChangePlan.Listener(
          name: listener.name, change: before == nil ? "opens" : "moves",
          address: "\(listener.address)", connections: connections[listener.name] ?? 0))
    }
    let names = Set(new.settings.listeners.map(\.name))
    for listener in old.settings.listeners where !names.contains(listener.name) {
      changes.append(
        ChangePlan.Listener(
          name: listener.name, change: "closes", address: "\(listener.address)",
          connections: connections[listener.name] ?? 0))
    }
    return changes
  }

  // MARK: Services

  /// Of the old configuration in its order, then the new ones.
  private var changedServices: [String] {
    let before = Dictionary(old.settings.services.map { ($0.name, $0) }) { first, _ in first }
    let after = Dictionary(new.settings.services.map { ($0.name, $0) }) { first, _ in first }
    let names =
      old.settings.services.map(\.name)
      + new.settings.services.map(\.name).filter { before[$0] == nil }
    return names.filter { name in
      before[name] != after[name] || services[name]?.isReplaced == true
        || services[name].map { $0.replicas.now != $0.replicas.after } == true
    }
  }

  private func service(_ name: String) -> ServicePlan {
    let picture = services[name] ?? ServicePicture()
    let forecast = ServiceForecast(
      name: name, old: old.settings.services.first { $0.name == name },
      new: new.settings.services.first { $0.name == name }, picture: picture)
    let ready = forecast.ready
    return ServicePlan(
      name: name, requestsPerSecond: picture.requestsPerSecond, inflight: picture.inflight,
      rollout: forecast.rollout?.name, ready: ready,
      capacity: CapacityForecast.make(
        forecast.new ?? forecast.old, picture, lowest: ready.lowest),
      leaving: forecast.leaving, remappedKeys: forecast.remappedKeys)
  }
}

extension ListenerSettings {
  /// Whether the other listens at the same socket.
  fileprivate func isSocket(of other: ListenerSettings) -> Bool {
    address == other.address && (`protocol` == .udp) == (other.protocol == .udp)
      && mode == other.mode
  }
}

extension ChangePlan.Difference {
  init(_ difference: ConfigurationDifference) {
    self.init(
      kind: difference.kind.rawValue, name: difference.name,
      change: difference.change.rawValue, path: difference.path, old: difference.old,
      new: difference.new, standard: difference.standard)
  }
}
