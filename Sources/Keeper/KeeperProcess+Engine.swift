import CLinux
import Glibc
import Primitives
import Supervision

/// The engine in charge: started, listened to, started again.
extension KeeperProcess {
  mutating func startEngine() {
    seat.restartAt = nil
    seat.startedAt = ProcessClock.now
    seat.isServing = false
    do {
      seat.number = try launch(binary, capturing: false)
    } catch {
      seatIsEmpty(.code(1), why: "did not start: \(error)")
    }
  }

  /// - Parameter capturing: whether what it prints is kept.
  /// - Returns: its number.
  mutating func launch(_ binary: EngineBinary, capturing: Bool) throws -> UInt64 {
    let (keeperEnd, engineEnd) = try LinkSocket.pair()
    defer { Descriptor.close(engineEnd) }
    var variables = inherited
    variables.set(LinkLimits.variable, "\(ChildProcess.linkDescriptor)")
    var process = binary.process(arguments: engineArguments, environment: variables)
    process.link = engineEnd
    // The engine would see the link's end; one that hangs would not (docs/decisions/0003).
    process.deathSignal = .kill
    var (reading, writing) = (Int32(-1), Int32(-1))
    if capturing, unsafe pipe_open(&reading, &writing) == 0 { process.output = writing }
    defer { Descriptor.close(writing) }
    do {
      let pid = try process.start()
      latestEngine += 1
      engines[latestEngine] = RunningEngine(
        pid: pid, startedAt: ProcessClock.now, link: EngineLink(descriptor: keeperEnd),
        output: reading >= 0 ? EngineOutput(pipe: reading) : nil)
      return latestEngine
    } catch {
      Descriptor.close([keeperEnd, reading])
      throw error
    }
  }

  /// Called for a process that has ended and is reaped: its pid is not its own any more.
  mutating func engineEnded(_ number: UInt64, _ end: ProcessEnd, why: String) {
    engines[number]?.output?.finish()
    if upgrade?.successor == number {
      upgrade?.progress.lines = engines[number]?.output?.lines.texts ?? []
    }
    engines[number]?.link?.close()
    engines[number] = nil
    let wasInCharge = number == seat.number
    if wasInCharge { (seat.number, seat.isServing) = (nil, false) }
    if upgrade?.successor == number {
      dropUpgrade("the new engine \(why)")
    } else if wasInCharge {
      dropUpgrade("the engine in charge \(why)")
    }
    if wasInCharge {
      seatIsEmpty(end, why: why)
    } else if isRetired(number) {
      if end != .code(0) { note("an engine that drained \(why), with what it held") }
      retired.removeAll { $0.number == number }
      tellDraining()
      if case .draining(let until, _) = phase, end != .code(0) {
        phase = .draining(until: until, code: 1)
      }
    }
    if case .draining(_, let code) = phase, engines.isEmpty { stopReplicas(thenExit: code) }
  }

  /// The engine in charge has ended, or could not be started.
  private mutating func seatIsEmpty(_ end: ProcessEnd, why: String) {
    seat.number = nil
    seat.isServing = false
    abandonCommands()
    switch phase {
    case .starting:
      note("the engine \(why) before it served; nothing is kept")
      let code: Int32 = if case .code(let code) = end, code != 0 { code } else { 1 }
      stopReplicas(thenExit: code)
    case .draining(let until, _):
      guard end != .code(0) else { return }
      note("the engine \(why) before what ran had finished")
      phase = .draining(until: until, code: 1)
    case .stopping: break
    case .serving:
      let wait = seat.waitAfterEnd(now: ProcessClock.now)
      seat.restarts += 1
      seat.lastEnd = why
      seat.restartAt = ProcessClock.now + wait
      note("the engine \(why); starting it again" + (wait > .zero ? " in \(wait)" : ""))
      if wait == .zero { startEngine() }
    }
  }

  // MARK: Messages

  /// Tells the engine in charge, or keeps the message for the next one.
  mutating func tell(_ message: KeeperMessage, descriptors: [Int32] = []) {
    if let number = seat.number, engines[number]?.isGreeted == true, engines[number]?.link != nil {
      return tell(number, message, descriptors: descriptors)
    }
    guard descriptors.isEmpty else { return }
    if kept.count >= Self.messagesKept { kept.removeFirst() }
    kept.append(message)
  }

  mutating func tell(_ number: UInt64, _ message: KeeperMessage, descriptors: [Int32] = []) {
    do {
      try engines[number]?.link?.send(message, descriptors: descriptors)
    } catch .tooLarge(let bytes) {
      note("a message of \(bytes) bytes for the engine was dropped")
    } catch .busy {
      note("the engine does not read; ending it")
      killEngine(number)
      loseLink(number)
    } catch {
      loseLink(number)
    }
  }

  /// All that an engine has to know before it begins; a successor hears of the replicas when it takes
  /// over.
  private mutating func greet(_ number: UInt64, version: String, link: LinkVersions?) {
    engines[number]?.version = String(version.prefix(Self.longestVersion))
    let isSuccessor = upgrade?.successor == number
    if isSuccessor {
      upgrade?.progress.version = engines[number]?.version
      upgrade?.progress.pid = engines[number]?.pid
    }
    guard isSuccessor || number == seat.number else { return }
    guard let link, link.contains(LinkVersions.current) else {
      return refuse(number, link)
    }
    engines[number]?.isGreeted = true
    for (name, listener) in listeners {
      tell(
        number, .listening(name: name, address: listener.sockets.address),
        descriptors: listener.sockets.descriptors)
    }
    if !isSuccessor {
      for replica in replicas.values { tell(.running(replica.state)) }
      let waiting = kept
      kept = []
      for message in waiting { tell(message) }
      passSessions()
      if !retired.isEmpty { tellDraining() }
    }
    let file = configuration >= 0 ? [configuration] : []
    tell(
      number,
      .welcome(
        restarts: seat.restarts, lastEnd: seat.lastEnd,
        upgrade: isSuccessor ? upgrade?.progress : nil),
      descriptors: file)
  }

  private mutating func refuse(_ number: UInt64, _ link: LinkVersions?) {
    let spoken =
      link.map {
        $0.oldest == $0.newest ? "version \($0.oldest)" : "versions \($0.oldest) to \($0.newest)"
      }
      ?? "version 1"
    let reason =
      "it speaks \(spoken) of the keeper's link, and this keeper version \(LinkVersions.current): "
      + "this change takes a restart of Ballast"
    note("the engine is refused: \(reason)")
    tell(number, .incompatible(message: reason))
    if upgrade?.successor == number {
      dropUpgrade("the new engine cannot be had: \(reason)", atOnce: false)
    } else {
      engines[number]?.killAt = ProcessClock.now + RunningEngine.linklessLife
    }
  }

  mutating func takeMessages(_ number: UInt64) {
    do {
      try engines[number]?.link?.flush()
      for _ in 0..<Self.messagesPerTurn {
        guard let link = engines[number]?.link,
          let (message, descriptors) = try LinkSocket.receive(
            EngineMessage.self, from: link.descriptor)
        else { return }
        handle(number, message, descriptors)
      }
    } catch .malformed(let text) {
      note("the engine sent what is no message: \(text.prefix(200))")
    } catch {
      loseLink(number)
    }
  }

  private mutating func handle(
    _ number: UInt64, _ message: EngineMessage, _ descriptors: [Int32]
  ) {
    switch message {
    case .hello(let version, let link):
      Descriptor.close(descriptors)
      greet(number, version: version, link: link)
    case .listen(let name, let address, let sockets, let options):
      Descriptor.close(descriptors)
      listen(name, address, sockets: sockets, options ?? ListenOptions(), for: number)
    case .finished:
      Descriptor.close(descriptors)
      engines[number]?.kill(atTheLatest: ProcessClock.now + Self.drainGrace)
    case .prepared, .retired, .retireRefused, .sessions, .holding:
      handOver(number, message, descriptors)
    case .keepConfiguration, .unlisten, .start, .stop, .drill, .run, .serving, .upgrade:
      guard number == seat.number else {
        Descriptor.close(descriptors)
        return note("an engine that is not in charge wants what it may not")
      }
      command(message, descriptors)
    }
  }

  /// What the engine in charge alone may say.
  private mutating func command(_ message: EngineMessage, _ descriptors: [Int32]) {
    if case .keepConfiguration = message, descriptors.count == 1 {
      Descriptor.close(configuration)
      configuration = descriptors[0]
      return
    }
    Descriptor.close(descriptors)
    switch message {
    case .unlisten(let name): listeners.removeValue(forKey: name)?.sockets.close()
    case .start(let spec): start(spec)
    case .stop(let name, let signal, let milliseconds):
      stop(name, with: signal, timeout: .milliseconds(milliseconds))
    case .drill(let name, let drill): self.drill(name, drill)
    case .run(let spec): run(spec)
    case .keepConfiguration: note("the engine sent no configuration to keep")
    case .serving:
      seat.isServing = true
      if phase == .starting { phase = .serving }
      if phase == .serving { notification.ready() }
      engineServes()
    case .upgrade: orderUpgrade()
    default: break
    }
  }

  /// The link is at its end or broken: the engine is about to end, or is made to.
  mutating func loseLink(_ number: UInt64) {
    guard engines[number]?.link != nil else { return }
    engines[number]?.link?.close()
    engines[number]?.link = nil
    engines[number]?.isGreeted = false
    if number == seat.number { abandonCommands() }
    engines[number]?.kill(atTheLatest: ProcessClock.now + RunningEngine.linklessLife)
  }

  func killEngine(_ number: UInt64) {
    if let pid = engines[number]?.pid { _ = process_group_signal(pid, SIGKILL) }
  }

  func killEngines() {
    for number in engines.keys { killEngine(number) }
  }
}
