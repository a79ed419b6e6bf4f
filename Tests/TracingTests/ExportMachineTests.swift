import Primitives
import Testing
import Tracing

@Suite struct ExportMachineTests {
  struct Item: ExportItem, Equatable {
    var name: Int
    var spanCount = 2
  }

  typealias Machine = ExportMachine<Item>

  private var machine: Machine
  private var random = SeededRandom(seed: 7)
  private var now = Instant(nanoseconds: 1_000_000_000)

  init() {
    var limits = ExportLimits()
    limits.batchSpans = 6
    limits.heldSpans = 20
    machine = Machine(limits: limits)
  }

  private mutating func handle(_ event: Machine.Event, after span: TimeSpan = .zero) -> String {
    now = now + span
    switch machine.handle(event, random: &random, now: now) {
    case .end: return "end"
    case .send(let items): return "send \(items.map { "\($0.name)" }.joined(separator: " "))"
    case .wait(nil): return "wait"
    case .wait(let due?): return "wait \((due - now).milliseconds)"
    }
  }

  private func items(_ names: ClosedRange<Int>) -> [Item] { names.map { Item(name: $0) } }

  @Test mutating func `spans wait for others, but not for long`() {
    #expect(handle(.due) == "wait")
    #expect(handle(.offered(items(1...1))) == "wait 1000")
    #expect(handle(.offered(items(2...2)), after: .milliseconds(400)) == "wait 600")
    #expect(handle(.due, after: .milliseconds(600)) == "send 1 2")
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "wait")
    #expect(machine.heldSpans == 0)
    #expect(machine.losses == Machine.Losses())
  }

  @Test mutating func `a full batch goes at once, and the next one behind its answer`() {
    #expect(handle(.offered(items(1...7))) == "send 1 2 3")
    #expect(handle(.offered(items(8...8))) == "wait")
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "send 4 5 6")
    #expect(handle(.answered(.delivered(rejectedSpans: 1))) == "wait 1000")
    #expect(machine.losses.rejected == 1)
    #expect(machine.heldSpans == 4)
  }

  @Test mutating func `one that is larger than a batch goes alone`() {
    #expect(handle(.offered([Item(name: 1, spanCount: 9), Item(name: 2)])) == "send 1")
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "wait 1000")
  }

  @Test mutating func `what fails is sent again after pauses that grow to a bound`() {
    _ = handle(.offered(items(1...3)))
    var pauses: [Int64] = []
    for _ in 0..<9 {
      let told = handle(.answered(.failed(after: nil)))
      let pause = Int64(told.dropFirst(5)) ?? -1
      pauses.append(pause)
      #expect(handle(.due, after: .milliseconds(pause - 1)).hasPrefix("wait"))
      #expect(handle(.due, after: .milliseconds(2)) == "send 1 2 3")
    }
    for (place, pause) in pauses.enumerated() {
      let middle = min(30_000, 1_000 << place)
      #expect(pause >= Int64(middle / 2) && pause <= Int64(middle * 3 / 2), "\(pauses)")
    }
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "wait")
    #expect(!machine.isFailing)
    #expect(handle(.offered(items(4...6))) == "send 4 5 6")
    #expect(handle(.answered(.failed(after: nil))).hasPrefix("wait"))
  }

  @Test mutating func `what a collector asks for is waited, within bounds`() {
    _ = handle(.offered(items(1...3)))
    #expect(handle(.answered(.failed(after: .seconds(60)))) == "wait 60000")
    #expect(handle(.due, after: .seconds(60)) == "send 1 2 3")
    #expect(handle(.answered(.failed(after: .hours(9)))) == "wait 300000")
  }

  @Test mutating func `what is refused is lost, and no more of it`() {
    #expect(handle(.offered(items(1...4))) == "send 1 2 3")
    #expect(handle(.answered(.refused)) == "wait 1000")
    #expect(machine.losses.refused == 6)
    #expect(machine.heldSpans == 2)
  }

  @Test mutating func `the oldest give way when there is no room`() {
    #expect(handle(.offered(items(1...3))) == "send 1 2 3")
    #expect(handle(.offered(items(4...12))) == "wait")
    // 24 spans for 20 places: what is sent just now stays.
    #expect(machine.losses.queueFull == 4)
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "send 6 7 8")
  }

  @Test mutating func `nothing is tried for ever`() {
    #expect(handle(.offered(items(1...3))) == "send 1 2 3")
    #expect(handle(.offered(items(4...4)), after: .minutes(9)) == "wait")
    #expect(handle(.answered(.failed(after: nil)), after: .minutes(1)).hasPrefix("wait"))
    #expect(machine.losses.expired == 6)
    #expect(machine.heldSpans == 2)
  }

  @Test mutating func `at the end all goes out once`() {
    #expect(handle(.offered(items(1...4))) == "send 1 2 3")
    #expect(handle(.ending) == "wait")
    #expect(handle(.answered(.delivered(rejectedSpans: 0))) == "send 4")
    #expect(handle(.answered(.failed(after: nil))) == "end")
    #expect(machine.losses.ended == 2)
    #expect(machine.heldSpans == 0)
  }

  @Test mutating func `at the end nobody waits for a collector that is away`() {
    _ = handle(.offered(items(1...3)))
    _ = handle(.answered(.failed(after: nil)))
    #expect(handle(.ending) == "end")
    #expect(machine.losses.ended == 6)
  }
}
