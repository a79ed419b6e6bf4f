import Balancing
import Primitives
import Testing
import Topology

@Suite struct WaitingLineTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func line(_ limit: Int = 100, timeout: TimeSpan = .seconds(5)) -> WaitingLine {
    var line = WaitingLine()
    line.adopt(Limits(queue: limit, queueTimeout: timeout))
    return line
  }

  private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

  @Test func `the first to come is the first to go`() {
    var line = line()
    for client in [7, 3, 9] { #expect(line.append(client, now: start) == true) }
    #expect(line.first == 7 && line.count == 3)
    for client in [7, 3, 9] { #expect(line.next(start) == client) }
    #expect(line.next(start) == nil)
    #expect(line.first == nil && line.count == 0)
  }

  @Test func `it is bounded, and a smaller bound drives nobody out`() {
    var line = line(2)
    for client in 1...2 { #expect(line.append(client, now: start) == true) }
    #expect(line.append(3, now: start) == false)
    line.adopt(Limits(queue: 1))
    #expect(line.count == 2)
    #expect(line.next(start) == 1)
    #expect(line.append(4, now: start) == false)
    var none = self.line(0)
    #expect(none.append(1, now: start) == false)
  }

  @Test func `whoever leaves is not taken`() {
    for gone in 0..<3 {
      var line = line()
      for client in 0..<3 { _ = line.append(client, now: start) }
      #expect(line.remove(gone) == true)
      #expect(line.remove(gone) == false)
      for client in 0..<3 where client != gone { #expect(line.next(start) == client) }
      #expect(line.append(gone, now: start) == true)
      #expect(line.next(start) == gone)
    }
  }

  @Test func `a line that never empties is no overload while it is served in good time`() {
    var line = line(timeout: .milliseconds(200))
    for client in 0..<50 { _ = line.append(client, now: start) }
    for turn in 0..<10_000 {
      let now = at(Int64(turn))
      #expect(line.next(now) == turn)
      #expect(line.append(turn + 50, now: now) == true)
      #expect(!line.isOverloaded && line.nextShedding == nil)
    }
  }

  @Test func `a line that is late is served from its end and shed from its beginning`() {
    var line = line(timeout: .milliseconds(200))
    for client in 0..<50 { _ = line.append(client, now: at(Int64(client) * 4)) }
    // Everybody is late from the 101st millisecond on: the first one for 101, the next for 97 + 11 …
    for turn in 0..<10 { #expect(line.next(at(101 + Int64(turn) * 10)) == turn) }
    #expect(!line.isOverloaded && line.nextToShed(at(200)) == nil)
    #expect(line.next(at(201)) == 10)
    #expect(line.isOverloaded && line.next(at(201)) == 49)
    var shed: [Int] = []
    while let client = line.nextToShed(at(201)) { shed.append(client) }
    #expect(shed == Array(11...25) && line.nextShedding == at(204))
    for client in (26..<49).reversed() { #expect(line.next(at(202)) == client) }
    #expect(line.count == 0 && line.nextShedding == nil && !line.isOverloaded)
  }

  @Test func `where nobody is taken all wait, and go on in their order`() {
    var line = line()
    for client in 0..<50 { _ = line.append(client, now: at(Int64(client))) }
    #expect(line.nextShedding == nil)
    #expect(line.nextToShed(at(4_000)) == nil)
    for client in 0..<50 { #expect(line.next(at(4_000)) == client) }
  }

  @Test func `whoever waited for a server to start is not late`() {
    var line = line(timeout: .seconds(5))
    for client in 0..<20 { _ = line.append(client, now: start) }
    // It took longer than anyone would wait in line for.
    line.beginAnew(at(10_000))
    var taken: [Int] = []
    for step in 0..<20 {
      let now = at(10_000 + Int64(step) * 50)
      #expect(line.nextToShed(now) == nil)
      if let client = line.next(now) { taken.append(client) }
    }
    #expect(taken == Array(0..<20))
  }

  @Test func `without a timeout nobody is ever late`() {
    var line = line(timeout: .zero)
    for client in 0..<50 { _ = line.append(client, now: start) }
    for turn in 0..<49 { #expect(line.next(at(1_000_000 * Int64(turn))) == turn) }
    #expect(!line.isOverloaded)
  }

  /// Three times as much comes as `places` servers do in `service` milliseconds each.
  @Test(arguments: [(places: 1, service: Int64(10)), (8, 20), (2, 100)], [UInt64(1), 2])
  func `under three times the load those who are served waited little and all servers are busy`(
    server: (places: Int, service: Int64), seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    // Enough for a few to be served while one waits.
    var line = line(1_024, timeout: .milliseconds(10 * server.service))
    var busyUntil = [Instant](repeating: start, count: server.places)
    var came: [Instant] = []
    var (served, shed, idle) = (0, 0, 0)
    var waits: [TimeSpan] = []
    let chance = 3 * Double(server.places) / Double(server.service)
    for millisecond in Int64(0)..<20_000 {
      let now = at(millisecond)
      for _ in 0..<8 where random.fraction() < chance / 8 {
        if line.append(came.count, now: now) { came.append(now) }
      }
      while line.nextToShed(now) != nil { shed += 1 }
      for place in busyUntil.indices where busyUntil[place] <= now {
        guard let client = line.next(now) else {
          idle += 1
          continue
        }
        served += 1
        // The first seconds are the way into the overload.
        if millisecond > 5_000 { waits.append(now - came[client]) }
        busyUntil[place] = now + .milliseconds(server.service)
      }
      #expect(line.count <= 1_024)
    }
    waits.sort()
    let most = server.places * 20_000 / Int(server.service)
    #expect(served >= most * 95 / 100 && shed > served, "\(served) of \(most), \(shed), \(idle)")
    #expect(waits[waits.count * 99 / 100] <= line.patience, "\(waits[waits.count * 99 / 100])")
    #expect(waits[waits.count / 2] <= .milliseconds(server.service), "\(waits[waits.count / 2])")
  }

  @Test(arguments: Array(UInt64(1)...4))
  func `whatever happens, each one is given out once, in an order that is right`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var line = line(64, timeout: .milliseconds(200))
    /// The same line, said once more in other words.
    var model: [(client: Int, since: Instant)] = []
    var now = start
    var (shed, newestFirst) = (0, 0)
    for step in 0..<50_000 {
      now = now + .milliseconds(Int64(random.below(4)))
      let place: Comment = "seed \(seed), step \(step)"
      let isOverloaded = line.isOverloaded
      switch random.below(step % 4_000 < 2_000 ? 5 : 9) {
      case 0, 1:
        let client = step
        let isTaken = line.append(client, now: now)
        #expect(isTaken == (model.count < 64), place)
        if isTaken { model.append((client, now)) }
      case 2 where !model.isEmpty:
        let gone = model.remove(at: random.below(model.count)).client
        #expect(line.remove(gone) == true, place)
      case 3:
        let client = line.nextToShed(now)
        #expect(client == nil || isOverloaded, place)
        if let client {
          shed += 1
          let first = model.removeFirst()
          #expect(client == first.client && now - first.since >= .milliseconds(100), place)
        }
      default:
        let expected = isOverloaded ? model.popLast() : model.isEmpty ? nil : model.removeFirst()
        if isOverloaded, model.count > 1 { newestFirst += 1 }
        #expect(line.first == expected?.client, place)
        #expect(line.next(now) == expected?.client, place)
      }
      #expect(line.count == model.count, place)
    }
    #expect(shed > 100 && newestFirst > 100, "\(shed), \(newestFirst)")
  }
}
