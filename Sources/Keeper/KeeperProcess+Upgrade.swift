import Glibc
import Primitives
import Supervision

/// One engine after another without a gap: the successor prepares, the engine in charge retires, the
/// successor takes over, the retired one drains (docs/decisions/0011).
extension KeeperProcess {
  /// Of a version, as an engine says it, in bytes.
  static let longestVersion = 100

  /// SIGUSR2, or an operator's word to the engine. One at a time: what comes meanwhile is done after.
  mutating func orderUpgrade() {
    guard phase == .serving else { return note("an upgrade takes an engine that serves") }
    guard upgrade == nil else {
      isUpgradeOrdered = true
      return note("another upgrade waits for the end of this one")
    }
    // There is nobody to take over from; the next engine is the new one.
    guard let former = seat.number, seat.isServing else {
      replaceBinary(by: EngineBinary(path: binary.path))
      return note("no engine serves: the next one is started from \(binary.path) as it is now")
    }
    begin(after: former)
  }

  private mutating func begin(after former: UInt64) {
    latestUpgrade += 1
    let now = ProcessClock.now
    var progress = UpgradeProgress(
      number: latestUpgrade, began: ProcessClock.wallTime,
      formerVersion: engines[former]?.version ?? "", formerPid: engines[former]?.pid ?? 0)
    let fresh = EngineBinary(path: binary.path)
    do {
      let successor = try launch(fresh, capturing: true)
      progress.pid = engines[successor]?.pid
      note("upgrade: engine \(progress.pid ?? 0) is started from \(fresh.path)")
      upgrade = Upgrade(
        successor: successor, binary: fresh, deadline: now + upgradeLimit, progress: progress)
      tell(.upgrade(progress))
    } catch {
      fresh.close()
      fail(&progress, "the new engine did not start: \(error)")
    }
  }

  private mutating func fail(_ progress: inout UpgradeProgress, _ reason: String) {
    progress.state = .failed
    progress.ended = ProcessClock.wallTime
    progress.reason = reason
    note("the upgrade failed: \(reason)")
    tell(.upgrade(progress))
  }

  /// Ends the upgrade that is under way, if one is, and its successor.
  /// - Parameter atOnce: else it may end by itself within a second.
  mutating func dropUpgrade(_ reason: String, atOnce: Bool = true) {
    guard let dropped = upgrade else { return }
    upgrade = nil
    let successor = dropped.successor
    engines[successor]?.output?.take()
    var progress = dropped.progress
    if let lines = engines[successor]?.output?.lines.texts { progress.lines = lines }
    dropped.binary.close()
    for name in dropped.opened { listeners.removeValue(forKey: name)?.sockets.close() }
    if atOnce { killEngine(successor) }
    loseLink(successor)
    // In charge already, it ends like any engine: another one is started from the former file.
    fail(&progress, reason)
    goOn()
  }

  private mutating func goOn() {
    guard phase == .serving else { return }
    if isReloadOrdered {
      isReloadOrdered = false
      reload()
    }
    if isUpgradeOrdered {
      isUpgradeOrdered = false
      orderUpgrade()
    }
  }

  private mutating func replaceBinary(by fresh: EngineBinary) {
    binary.close()
    binary = fresh
  }

  // MARK: Handing over

  mutating func handOver(_ number: UInt64, _ message: EngineMessage, _ descriptors: [Int32]) {
    if case .sessions = message, descriptors.count == 1,
      number == seat.number || isRetired(number)
    {
      return takeSessions(number, descriptors[0])
    }
    Descriptor.close(descriptors)
    switch message {
    case .prepared:
      guard upgrade?.successor == number, upgrade?.stage == .preparing else { return }
      upgrade?.stage = .retiring
      upgrade?.progress.state = .handingOver
      if let progress = upgrade?.progress { tell(.upgrade(progress)) }
      tell(.retire)
    case .retireRefused(let reason):
      guard number == seat.number, upgrade?.stage == .retiring else { return }
      dropUpgrade("the engine in charge cannot hand over: \(reason)")
    case .retired(let milliseconds):
      guard number == seat.number else { return }
      retire(number, drainingWithin: .milliseconds(min(max(milliseconds, 0), Self.longestDrain)))
    case .holding(let connections):
      guard let index = retired.firstIndex(where: { $0.number == number }) else { return }
      retired[index].connections = max(0, connections)
      tellDraining()
    default: note("an engine's word for its successor came without what it speaks of")
    }
  }

  /// The longest time that an engine drains after another has taken over.
  static let longestDrain = TimeSpan.hours(8760).milliseconds

  /// For the engine that takes over, or one that has.
  private mutating func takeSessions(_ number: UInt64, _ file: Int32) {
    if isRetired(number), seat.isServing {
      tell(.sessions, descriptors: [file])
      return Descriptor.close(file)
    }
    Descriptor.close(sessions)
    sessions = file
  }

  mutating func passSessions() {
    guard sessions >= 0 else { return }
    tell(.sessions, descriptors: [sessions])
    Descriptor.close(sessions)
    sessions = -1
  }

  /// The engine in charge has given up its place. It still takes connections, until another serves.
  private mutating func retire(_ number: UInt64, drainingWithin drain: TimeSpan) {
    abandonCommands()
    retired.append(RetiredEngine(number: number, since: ProcessClock.wallTime, drain: drain))
    seat.number = nil
    seat.isServing = false
    guard phase == .serving else { return }
    guard let upgrade, upgrade.stage == .retiring, engines[upgrade.successor]?.link != nil else {
      // It was too slow, and the successor that asked is gone: the place must not stay empty.
      note("the engine in charge has retired, and nobody follows: starting another one")
      dropUpgrade("the engine in charge retired for a successor before this one")
      seat.restarts += 1
      seat.lastEnd = "handed over to a successor that is gone"
      return startEngine()
    }
    let successor = upgrade.successor
    self.upgrade?.stage = .takingOver
    seat.number = successor
    seat.startedAt = ProcessClock.now
    for replica in replicas.values { tell(.running(replica.state)) }
    passSessions()
    tell(.takeOver, descriptors: [1, 2])
  }

  /// Somebody serves: whoever was in charge before may stop to take connections.
  mutating func engineServes() {
    if var progress = upgrade?.progress, upgrade?.stage == .takingOver, let upgrade {
      replaceBinary(by: upgrade.binary)
      progress.state = .done
      progress.ended = ProcessClock.wallTime
      self.upgrade = nil
      note(
        "engine \(progress.pid ?? 0) (\(progress.version ?? "")) has taken over from "
          + "\(progress.formerPid) (\(progress.formerVersion))")
      tell(.upgrade(progress))
    }
    for index in retired.indices where retired[index].until == nil {
      let (number, drain) = (retired[index].number, retired[index].drain)
      retired[index].until = Self.wallTime(in: drain)
      engines[number]?.killAt = ProcessClock.now + drain + Self.drainGrace
      tell(number, .handedOver)
    }
    cutOldest()
    if !retired.isEmpty { tellDraining() }
    goOn()
  }

  /// Each holds memory and descriptors: not too many of them.
  private mutating func cutOldest() {
    let surplus = retired.count - RetiredEngine.most
    guard surplus > 0 else { return }
    for oldest in retired.prefix(surplus) {
      note("more than \(RetiredEngine.most) engines drain: the oldest is cut")
      tell(oldest.number, .drain(timeoutMilliseconds: 0))
      engines[oldest.number]?.killAt = ProcessClock.now + Self.drainGrace
    }
  }

  private static func wallTime(in span: TimeSpan) -> WallTime {
    WallTime(milliseconds: ProcessClock.wallTime.milliseconds &+ span.milliseconds)
  }

  func isRetired(_ number: UInt64) -> Bool { retired.contains { $0.number == number } }

  /// Whoever is in charge can show who drains.
  mutating func tellDraining() {
    let list = retired.compactMap { one -> DrainingEngine? in
      guard let engine = engines[one.number] else { return nil }
      let until = one.until ?? Self.wallTime(in: one.drain)
      return DrainingEngine(
        pid: engine.pid, version: engine.version, since: one.since, until: until,
        connections: one.connections)
    }
    guard seat.number.map({ engines[$0]?.isGreeted == true }) ?? false else { return }
    tell(.draining(list))
  }
}
