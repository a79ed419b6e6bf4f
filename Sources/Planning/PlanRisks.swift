import AdminAPI
import Configuration

/// What a plan's figures mean, in sentences.
struct PlanRisks {
  private let plan: ChangePlan
  private let removed: Set<String>
  private let added: Set<String>

  init(_ question: PlanQuestion, _ plan: ChangePlan) {
    self.plan = plan
    let before = Set(question.old.settings.services.map(\.name))
    let after = Set(question.new.settings.services.map(\.name))
    (removed, added) = (before.subtracting(after), after.subtracting(before))
  }

  var all: [ChangePlan.Risk] {
    var risks = plan.listeners.compactMap(risk)
    for service in plan.services {
      if removed.contains(service.name) {
        risks.append(removal(service))
        continue
      }
      if added.contains(service.name) { continue }
      risks += capacity(service)
      risks += clients(service)
    }
    for key in plan.needsUpgrade {
      risks.append(.init(.info, "\(key) holds only after `ballast upgrade`"))
    }
    return risks
  }

  private func risk(_ listener: ChangePlan.Listener) -> ChangePlan.Risk? {
    let open = Self.count(listener.connections, "connection")
    switch listener.change {
    case "closes":
      return .init(
        listener.connections > 0 ? .warning : .info,
        "\(listener.address) closes: no new clients there, and \(open) open now")
    case "moves":
      return .init(
        .warning,
        "the listener \(listener.name) moves to \(listener.address): clients have to follow, "
          + "\(open) open now")
    default: return nil
    }
  }

  private func removal(_ service: ServicePlan) -> ChangePlan.Risk {
    let isUsed = service.requestsPerSecond > 0 || service.inflight > 0
    return .init(
      isUsed ? .danger : .info, service: service.name,
      "\(service.name) goes" + (isUsed ? ", and has \(load(service)) now" : "; nobody uses it"))
  }

  // MARK: Capacity

  private func capacity(_ service: ServicePlan) -> [ChangePlan.Risk] {
    let (ready, capacity) = (service.ready, service.capacity)
    guard ready.lowest < ready.now || ready.after < ready.now || service.rollout != nil else {
      return []
    }
    var risks: [ChangePlan.Risk] = []
    let fewest = "at the fewest \(Self.takers(ready.lowest)), of \(ready.now) now"
    switch capacity.verdict {
    case .idle: break
    case .enough:
      risks.append(
        .init(
          .info, service: service.name,
          "\(fewest); \(can(capacity.lowest, capacity)), and "
            + "\(load(service)) now"))
    case .unproven:
      risks.append(
        .init(
          .warning, service: service.name,
          "\(fewest); that so few carry \(load(service)) was not seen in the last ten minutes "
            + "(the most of one server: \(Self.number(capacity.perServer)) \(capacity.unit))"))
    case .short:
      let why = ready.lowest == 0 ? "" : "; \(can(capacity.lowest, capacity))"
      risks.append(
        .init(
          .danger, service: service.name, "\(fewest)\(why), but there are \(load(service)) now"))
    case .unknown:
      risks.append(
        .init(
          .info, service: service.name,
          "\(fewest); what a server can take is not known: it has no `limits`, and no load was seen"
        ))
    }
    if capacity.verdict != .short { risks += loss(service) }
    return risks
  }

  private func loss(_ service: ServicePlan) -> [ChangePlan.Risk] {
    let left = max(0, service.ready.lowest - 1)
    switch service.capacity.verdictAfterLoss {
    case .short:
      return [
        .init(
          .warning, service: service.name,
          "should one server fail meanwhile, \(Self.takers(left))"
            + (left > 0 ? ", too few for \(load(service))" : ""))
      ]
    case .unproven where service.capacity.verdict == .enough:
      return [
        .init(
          .warning, service: service.name,
          "should one server fail meanwhile, \(Self.takers(left)); that so few carry "
            + "\(load(service)) was not seen")
      ]
    default: return []
    }
  }

  // MARK: Clients

  private func clients(_ service: ServicePlan) -> [ChangePlan.Risk] {
    var risks: [ChangePlan.Risk] = []
    let leaving = service.leaving
    if !leaving.servers.isEmpty {
      let names = leaving.servers.prefix(8).joined(separator: ", ")
      let more = leaving.servers.count > 8 ? " and \(leaving.servers.count - 8) more" : ""
      let verb = leaving.servers.count == 1 ? "leaves" : "leave"
      var text =
        "\(names)\(more) \(verb): \(Self.count(leaving.requests, "request")) under way there "
        + "may end first, over \(Self.count(leaving.connections, "connection"))"
      switch leaving.sessions {
      case nil: text += "; clients with their cookie are placed anew"
      case 0?: break
      case let sessions?: text += "; \(Self.count(sessions, "client")) tied to them placed anew"
      }
      risks.append(.init(.info, service: service.name, text))
    }
    if let share = service.remappedKeys, share > 0 {
      risks.append(
        .init(
          share > 0.5 ? .warning : .info, service: service.name,
          "\(Self.percent(share)) of the hash keys go to another server"))
    }
    return risks
  }

  // MARK: Words

  private func load(_ service: ServicePlan) -> String {
    service.capacity.unit == "requests"
      ? "\(Self.count(service.inflight, "request")) under way"
      : "\(Self.number(service.requestsPerSecond)) requests/s"
  }

  private func can(_ amount: Double?, _ capacity: ServicePlan.Capacity) -> String {
    let unit = capacity.unit == "requests" ? "requests at a time" : capacity.unit
    switch capacity.basis {
    case "measured-peak": return "so many were seen to carry \(Self.number(amount)) \(unit)"
    case "adaptive-limit": return "their latency allows \(Self.number(amount)) \(unit)"
    default: return "their limits allow \(Self.number(amount)) \(unit)"
    }
  }

  private static func takers(_ count: Int) -> String {
    switch count {
    case 0: "no server takes work"
    case 1: "1 server takes work"
    default: "\(count) servers take work"
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  static func percent(_ share: Double) -> String { "\((share * 1_000).rounded() / 10) %" }

  static func number(_ value: Double?) -> String {
    guard let value else { return "unknown" }
    // Beyond it neither digits nor an Int mean anything.
    guard value.magnitude < 1e15 else { return "very many" }
    return value >= 10 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
  }
}
