import AdminAPI
import Faults
import Primitives
import Testing

@testable import ballast

@Suite struct TopTests {
  private func service(
    _ name: String, _ state: ServiceStatus.State = .up, rate: Double = 0, failing: Double = 0,
    p99: Double? = nil, inflight: Int = 0
  ) -> ServiceStatus {
    ServiceStatus(
      name: name, state: state, balance: "random", servers: 3, healthy: state == .up ? 3 : 1,
      inflight: inflight, requestsPerSecond: rate, failuresPerSecond: failing,
      p50: p99.map { $0 / 2 },
      p99: p99, replicas: .init(desired: 3, running: 3, ready: 2), version: "1.2")
  }

  private func snapshot(_ services: [ServiceStatus], faults: Int = 0) -> TopSnapshot {
    TopSnapshot(
      at: WallTime(milliseconds: 100_000),
      status: EngineStatus(
        version: "1", pid: 7, startedAt: WallTime(milliseconds: 40_000), topologyVersion: 1,
        configurationFile: "f", workers: 2),
      services: services,
      faults: (0..<faults).map { number in
        FaultRecord(
          id: Int64(number), type: .serviceDown, service: "api",
          began: WallTime(milliseconds: 70_000),
          detected: WallTime(milliseconds: 70_000), cause: "refused\u{1b}[2J")
      },
      alerts: [
        .init(
          name: "errors", severity: "critical", state: "firing", summary: "too many",
          since: WallTime(milliseconds: 90_000))
      ], json: .null)
  }

  private var three: [ServiceStatus] {
    [
      service("web", rate: 100, failing: 1, p99: 0.01, inflight: 3),
      service("api", .down, rate: 50, p99: 0.5, inflight: 9),
      service("old", rate: 200, failing: 0.5, inflight: 1),
    ]
  }

  @Test func `what is wrong stands first, and any column sorts both ways`() {
    var view = TopView()
    #expect(view.sorted(three).map(\.name) == ["api", "old", "web"])
    let orders: [(Character, [String])] = [
      ("n", ["api", "old", "web"]), ("r", ["old", "web", "api"]), ("e", ["web", "old", "api"]),
      ("l", ["api", "web", "old"]), ("i", ["api", "web", "old"]), ("s", ["api", "old", "web"]),
    ]
    for (key, names) in orders {
      #expect(view.handle(.character(key), services: 3) == .repaint)
      #expect(view.sorted(three).map(\.name) == names)
      _ = view.handle(.character(key), services: 3)
      #expect(view.sorted(three).map(\.name) == names.reversed())
    }
  }

  @Test func `keys scroll within what there is, pause and quit`() {
    var view = TopView()
    for _ in 0..<9 { _ = view.handle(.down, services: 3) }
    #expect(view.offset == 2)
    for _ in 0..<9 { _ = view.handle(.up, services: 3) }
    #expect(view.offset == 0)
    #expect(view.handle(.character("x"), services: 3) == .stay)
    #expect(view.handle(.character("p"), services: 3) == .repaint && view.isPaused)
    #expect(view.handle(.character("q"), services: 3) == .quit)
    #expect(view.handle(.interrupt, services: 3) == .quit)
  }

  @Test func `all of it is told once, without control characters`() {
    let lines = TopView().lines(snapshot(three, faults: 1), width: nil, height: nil, colors: false)
    #expect(lines[0].hasPrefix("Ballast 1   pid 7   up 1m   2 workers   "))
    #expect(
      lines[1]
        == "350 requests/s   1.5 errors/s (0.43%)   13 in flight   2 up, 1 down   replicas 6/9   "
        + "1 fault   1 alert")
    #expect(lines[3].hasPrefix("SERVICE   STATE   REQ/S   ERR/S   ERRORS"))
    #expect(lines[4].hasPrefix("api       down       50       0"))
    #expect(lines.contains("fault 0  service-down  api  for 30s  refused\\x1b[2J"))
    #expect(lines.last == "alert  errors  critical  for 10s  too many")
  }

  @Test(arguments: [(200, 50), (80, 24), (60, 10), (40, 8), (20, 4), (8, 2), (1, 1)])
  func `it fits a terminal of any size`(width: Int, height: Int) {
    let many = (0..<40).map { service("service-\($0)", rate: Double($0)) }
    for offset in [0, 5, 39] {
      var view = TopView()
      view.offset = offset
      view.problem = "since yesterday nothing new"
      let lines = view.lines(
        snapshot(many, faults: 30), width: width, height: height, colors: false)
      #expect(lines.count == height)
      #expect(lines.allSatisfy { $0.count <= width })
    }
  }

  @Test func `narrow screens keep the columns that matter most`() {
    let table = TopTable(three, order: .state, width: 50)
    let head = table.head.text(width: nil, colors: false)
    #expect(head.contains("P99") && !head.contains("VERSION") && !head.contains("IN FLIGHT"))
    #expect(head.count <= 50)
  }

  @Test func `arrows come as sequences, and what is unknown is left out`() {
    #expect(
      TerminalKey.read(Array("q\u{1b}[A\u{1b}OB\u{1b}[1;5Ax\u{1b}[3~é\u{3}".utf8))
        == [.character("q"), .up, .down, .up, .character("x"), .interrupt])
    #expect(TerminalKey.read([27]) == [] && TerminalKey.read([27, 91]) == [])
  }
}
