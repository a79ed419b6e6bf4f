import Configuration
import Primitives
import TLS
import Testing

@testable import Engine

struct ConfigurationChangeTests {
  private func settings(_ listeners: [(String, UInt16)]) -> Settings {
    Settings(
      listeners: listeners.map {
        ListenerSettings(name: $0.0, address: .loopback(port: $0.1), service: "shop")
      })
  }

  @Test func `a listener that is as it was is neither opened nor closed`() {
    let change = ConfigurationChange(from: settings([("a", 1)]), to: settings([("a", 1)]))
    #expect(change.opened.isEmpty && change.closed.isEmpty && change.needingUpgrade.isEmpty)
  }

  @Test func `new and moved listeners are opened, removed ones closed`() {
    let change = ConfigurationChange(
      from: settings([("stays", 1), ("moves", 2), ("goes", 3)]),
      to: settings([("stays", 1), ("moves", 4), ("comes", 5)]))
    #expect(change.opened.map(\.name) == ["moves", "comes"])
    #expect(change.closed == ["goes"])
  }

  @Test func `a listener that gets another name keeps its sockets in the keeper`() {
    func label(
      _ name: String, _ port: UInt16, _ kind: ListenerProtocol = .http
    ) -> String {
      ControlPlane.label(
        ListenerSettings(name: name, address: .loopback(port: port), protocol: kind))
    }
    #expect(label("a", 80) == label("b", 80))
    #expect(label("a", 0) != label("b", 0))
    // The same socket serves streams as it does requests; datagrams need one of their own.
    #expect(label("a", 80) == label("a", 80, .tcp))
    #expect(label("a", 80) != label("a", 80, .udp))
  }

  @Test func `another transport or other permissions take other sockets, another service doesn't`()
  {
    func opened(_ change: (inout ListenerSettings) -> Void) -> Int {
      let old = ListenerSettings(name: "a", address: .loopback(port: 80))
      var new = old
      change(&new)
      return ConfigurationChange(
        from: Settings(listeners: [old]), to: Settings(listeners: [new])
      ).opened.count
    }
    #expect(opened { $0.protocol = .tcp } == 0)
    #expect(opened { $0.service = "shop" } == 0)
    #expect(opened { $0.protocol = .udp } == 1)
    #expect(opened { $0.mode = 0o600 } == 1)
  }

  @Test func `an admin address that moves is another listener, one that stays is the same`() {
    let old = AdminSettings(address: .loopback(port: 1), socket: "/s")
    let new = AdminSettings(address: .loopback(port: 2), socket: "/s")
    let opened = ControlPlane.newAdminLabels(of: new, besides: old)
    #expect(opened.map(\.address) == [.loopback(port: 2)])
    #expect(ControlPlane.newAdminLabels(of: old, besides: old).isEmpty)
    #expect(
      ControlPlane.newAdminLabels(of: old, besides: AdminSettings(address: .loopback(port: 1)))
        .map(\.address) == [.unix(path: "/s")])
  }

  @Test func `what cannot change at run time keeps its value and is named`() {
    let old = Settings(workers: 2)
    let new = Settings(
      admin: AdminSettings(address: .loopback(port: 1), socket: "/s"),
      state: StateSettings(path: "/elsewhere"),
      log: LogSettings(level: .debug, access: .standardOutput, accessFormat: .combined),
      workers: 3)
    let change = ConfigurationChange(from: old, to: new)
    #expect(
      change.needingUpgrade == ["workers", "state.path"])
    #expect(change.settings.workers == 2)
    #expect(change.settings.admin == new.admin)
    #expect(change.settings.state == old.state)
    #expect(change.settings.log == new.log)
  }

  @Test func `what the keeper holds can be read back`() throws {
    let loaded = LoadedConfiguration(
      path: "b.yaml", folder: "/etc/ballast",
      sources: [.init(path: "b.yaml", text: "a: \"1\"\n", onDisk: "a: 2\n")], settings: Settings())
    let keys = try (0..<3).map { _ in try #require(TLSTicketKey.fresh()) }
    let turned = WallTime(milliseconds: 1_800_000_000_123)
    let tickets = KeptTickets(keys, turned: turned)
    let text = try #require(KeptConfiguration(loaded, tickets: tickets).text)
    let kept = try #require(KeptConfiguration(text: text))
    #expect(kept.tickets?.ticketKeys == keys && kept.tickets?.turned == turned)
    let former = try #require(KeptConfiguration(loaded, tickets: nil).text)
    #expect(KeptConfiguration(text: former)?.tickets == nil)
    #expect(kept.folder == "/etc/ballast")
    #expect(kept.sources == loaded.sources)
    #expect(loaded.isUnsaved)
    #expect(KeptConfiguration(text: "{") == nil)
  }

  @Test func `only what a replica runs decides whether it is replaced`() {
    var run = RunSettings(command: ["./shop"], replicas: 2, directory: "/srv")
    let first = ReplicaTemplate("shop", run)
    run.replicas = 5
    run.stop.timeout = .seconds(1)
    #expect(ReplicaTemplate("shop", run).fingerprint == first.fingerprint)
    run.version = "2"
    let second = ReplicaTemplate("shop", run)
    #expect(second.fingerprint != first.fingerprint)
    let spec = second.spec(name: "shop-1", logFile: "/l", stop: run.stop, state: "/s")
    #expect(ReplicaTemplate(adopting: spec).fingerprint == second.fingerprint)
  }
}
