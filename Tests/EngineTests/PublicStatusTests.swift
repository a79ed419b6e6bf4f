import AdminAPI
import Primitives
import Testing

struct PublicStatusTests {
  private static let day: Int64 = 86_400_000
  /// Noon of a day.
  private let now = WallTime(milliseconds: 20_000 * day + day / 2)

  private func at(days: Int64, seconds: Int64 = 0) -> WallTime {
    WallTime(milliseconds: now.milliseconds - days * Self.day + seconds * 1_000)
  }

  private func make(_ outages: [PublicStatus.Outage], since: WallTime) -> PublicStatus {
    PublicStatus.make(
      title: "Shop", services: [("shop", .up), ("orders", .degraded)], outages: outages,
      since: since, now: now)
  }

  @Test func `days have what was down on them, and nothing where nobody watched`() {
    let status = make(
      [
        .init(service: "shop", began: at(days: 1), ended: at(days: 1, seconds: 90)),
        .init(service: "shop", began: at(days: 1, seconds: 60), ended: at(days: 1, seconds: 120)),
        .init(service: "hidden", began: at(days: 1), ended: nil),
        .init(service: "orders", began: at(days: 0, seconds: -30), ended: nil),
      ], since: at(days: 2))
    #expect(status.state == .degraded)
    #expect(status.services.map(\.name) == ["shop", "orders"])
    #expect(status.services[0].days.count == PublicStatus.shownDays)
    #expect(status.services[0].days.suffix(4) == [nil, 0, 120, 0])
    #expect(status.services[1].days.last == 30)
    #expect(abs(status.services[0].availability - (1 - 120 / 172_800)) < 1e-9)
    #expect(status.outages.map(\.service) == ["orders", "shop", "shop"])
  }

  @Test func `an outage over midnight is on both days`() {
    let midnight = WallTime(milliseconds: 20_000 * Self.day)
    let status = make(
      [
        .init(
          service: "shop", began: WallTime(milliseconds: midnight.milliseconds - 10_000),
          ended: WallTime(milliseconds: midnight.milliseconds + 20_000))
      ], since: at(days: 40))
    #expect(status.services[0].days.suffix(2) == [10, 20])
    #expect(status.services[0].days.first == 0)
  }

  @Test func `what began before the days that are shown counts from their first`() {
    let status = make(
      [.init(service: "shop", began: at(days: 300), ended: nil)], since: at(days: 400))
    #expect(status.services[0].availability == 0)
    #expect(status.services[0].days.first == 86_400)
    #expect(status.services[0].days.last == 43_200)
  }
}
