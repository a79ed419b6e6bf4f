import Certificates
import Primitives
import Testing

@Suite struct ExpiryMachineTests {
  private let day: Int64 = 24 * 3_600_000

  private func certificate(_ fingerprint: String = "a", days: Int64) -> ExpiryMachine.Certificate {
    .init(name: "shop.pem", fingerprint: fingerprint, notAfter: WallTime(milliseconds: days * day))
  }

  /// The stages that are told on each day, looking twice a day.
  private func told(
    _ machine: inout ExpiryMachine, _ certificates: [ExpiryMachine.Certificate],
    days: Range<Int64>
  ) -> [Int64: [ExpiryMachine.Stage]] {
    var told: [Int64: [ExpiryMachine.Stage]] = [:]
    for half in days.lowerBound * 2..<days.upperBound * 2 {
      let notices = machine.handle(certificates, now: WallTime(milliseconds: half * day / 2))
      if !notices.isEmpty { told[half / 2, default: []] += notices.map(\.stage) }
    }
    return told
  }

  @Test func `its end is told 21 and 7 days ahead, and when it is there, each once`() {
    var machine = ExpiryMachine()
    let told = told(&machine, [certificate(days: 90)], days: 0..<200)
    #expect(told == [69: [.threeWeeks], 83: [.week], 90: [.over]])
  }

  @Test func `who begins late hears the nearest only`() {
    var machine = ExpiryMachine()
    #expect(told(&machine, [certificate(days: 90)], days: 85..<89) == [85: [.week]])
  }

  @Test func `the one that comes after it begins anew`() {
    var machine = ExpiryMachine()
    _ = told(&machine, [certificate(days: 30)], days: 0..<25)
    let next = certificate("b", days: 120)
    #expect(told(&machine, [next], days: 25..<100) == [99: [.threeWeeks]])
    // And the old one, were it put back, as well.
    #expect(told(&machine, [certificate(days: 130)], days: 110..<111) == [110: [.threeWeeks]])
  }

  @Test func `a clock that is set back tells nothing twice`() {
    var machine = ExpiryMachine()
    let all = [certificate(days: 90)]
    _ = told(&machine, all, days: 84..<85)
    #expect(told(&machine, all, days: 0..<83).isEmpty)
    #expect(told(&machine, all, days: 83..<91) == [90: [.over]])
  }

  @Test func `several are told apart, and one that stands twice is told once`() {
    var machine = ExpiryMachine()
    let (first, second) = (certificate("a", days: 30), certificate("b", days: 10))
    let notices = machine.handle([first, second, first], now: WallTime(milliseconds: 9 * day))
    #expect(notices.map(\.certificate) == [first, second])
    #expect(notices.map(\.stage) == [.threeWeeks, .week])
  }
}
