/// Whether a drill may be done now.
public struct DrillSafety: Sendable, Equatable {
  /// Why it can't be done at all.
  public var impossible: [String] = []
  /// Why it should not be done now; an order may insist.
  public var unsafe: [String] = []

  public init(_ order: DrillOrder, _ facts: DrillFacts) {
    let name = "\(order.service)/\(order.server)"
    if let running = facts.runningDrill {
      impossible.append("drill \(running) is under way: there is one at a time")
    }
    if facts.isEnding { impossible.append("Ballast stops, or another engine takes over") }
    if order.kind.needsProcess {
      if !facts.isReplica {
        impossible.append("\(name) is not run by Ballast, so it can't \(order.kind.rawValue) it")
      } else if facts.isContainer {
        impossible.append("\(name) is a container: \(order.kind.rawValue) is for processes")
      }
    } else if !facts.isHTTP {
      impossible.append("\(order.kind.rawValue) is for services of HTTP")
    }
    if !facts.takesWork { unsafe.append("\(name) takes no work, so nothing would be seen") }
    if facts.others == 0 {
      unsafe.append("\(name) is the last server of \(order.service) that takes work")
    } else if facts.others < facts.needed {
      unsafe.append(
        "\(facts.others) servers would be left and \(facts.needed) are needed: \(facts.neededFrom)")
    }
    if facts.servers > 1, facts.others > 0,
      Double(facts.others) < facts.panic * Double(facts.servers)
    {
      unsafe.append(
        "\(facts.others) of \(facts.servers) servers would be left, and \(order.service) would be in "
          + "panic: requests would go to unhealthy servers too")
    }
    if facts.hasStandbys {
      unsafe.append("\(order.service) has one active server: its standby would be promoted")
    }
    if facts.isChanging { unsafe.append("a deployment of \(order.service) is under way") }
    if facts.openFaults > 0 {
      unsafe.append(
        facts.openFaults == 1
          ? "a fault of \(order.service) or of Ballast is open"
          : "\(facts.openFaults) faults of \(order.service) or of Ballast are open")
    }
  }
}
