import Primitives
import Testing

@testable import Alerting

@Suite struct AlertListingTests {
  private func machine() -> AlertMachine {
    var machine = AlertMachine()
    var states: [StoredAlertState] = []
    for (state, severity) in [
      (Alert.State.resolved, AlertSeverity.critical), (.pending, .info), (.firing, .info),
      (.firing, .warning), (.pending, .critical), (.firing, .critical),
    ] {
      for (place, service) in ["shop", "pay"].enumerated() {
        let since = Int64(20 - states.count)
        states.append(
          .alert(
            Alert(
              id: "\(state.rawValue)-\(severity.rawValue)-\(service)", rule: "r",
              severity: severity, labels: ["service": service], summary: "s", state: state,
              since: WallTime(milliseconds: place == 0 ? 5 : since), isOutage: false)))
      }
    }
    _ = machine.handle(.restored(states), now: WallTime(milliseconds: 100), minute: 0)
    return machine
  }

  @Test func `those that fire come first, the worst of them, and then the oldest`() {
    let ids = machine().page(of: nil, after: nil, limit: 100)?.map(\.id)
    #expect(
      ids == [
        "firing-critical-shop", "firing-critical-pay", "firing-warning-shop", "firing-warning-pay",
        "firing-info-shop", "firing-info-pay", "pending-critical-shop", "pending-critical-pay",
        "pending-info-shop", "pending-info-pay", "resolved-critical-shop", "resolved-critical-pay",
      ])
  }

  @Test func `pages have each alert once, whatever their size`() {
    let machine = machine()
    let all = machine.page(of: nil, after: nil, limit: 100)?.map(\.id) ?? []
    for limit in 1...13 {
      var seen: [String] = []
      while let page = machine.page(of: nil, after: seen.last, limit: limit), !page.isEmpty {
        #expect(page.count <= limit)
        seen += page.map(\.id)
      }
      #expect(seen == all)
    }
  }

  @Test func `a page can be of one service, and none follows what is gone`() {
    let machine = machine()
    let first = machine.page(of: "pay", after: nil, limit: 2)
    #expect(first?.map(\.id) == ["firing-critical-pay", "firing-warning-pay"])
    #expect(machine.page(of: "pay", after: "firing-warning-pay", limit: 9)?.count == 4)
    #expect(machine.page(of: nil, after: "gone", limit: 9) == nil)
    #expect(machine.page(of: nil, after: nil, limit: 0)?.isEmpty == true)
  }
}
