import Faults
import Primitives
import Topology

/// What agents ask for, and what is measured of servers from outside.
extension ControlPlane {
  /// Shares of what the server may use, 0 … 1; what was not told counts as none.
  func measured(_ name: ServerName, cpu: Double, memory: Double) {
    tuners[name.service]?.used(cpu, by: name.server)
    guard let id = identities.knownServer(name) else { return }
    dataPlane.measured(id, cpu: cpu, memory: memory)
  }

  func agentChanged(_ watch: ServerWatch) {
    let name = watch.name
    let before = input.condition(of: name)
    var condition = before
    condition.agentWeight = watch.agentWeight
    condition.agentDrains = watch.agentDrains
    guard condition != before else { return }
    input.conditions[name] = condition
    if condition.agentDrains != before.agentDrains {
      let what = condition.agentDrains ? "no new work" : "new work again"
      recorder.note(
        "agent", service: name.service, server: name.server, "the agent of \(name) asks for \(what)"
      )
      decided(
        "server.agent", "\(name)", before: ["drains": .truth(before.agentDrains)],
        after: ["drains": .truth(condition.agentDrains)], because: "its agent asks for \(what)")
    }
    changed()
  }
}
