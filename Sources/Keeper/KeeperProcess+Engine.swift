import CLinux
import Glibc
import Primitives
import Supervision

/// The engine: started, listened to, started again.
extension KeeperProcess {
  mutating func startEngine() {
    engine.restartAt = nil
    engine.startedAt = ProcessClock.now
    do {
      let (keeperEnd, engineEnd) = try LinkSocket.pair()
      defer { Descriptor.close(engineEnd) }
      var variables = inherited
      variables.set(LinkLimits.variable, "\(ChildProcess.linkDescriptor)")
      var process = ChildProcess(command: [enginePath] + engineArguments, environment: variables)
      process.link = engineEnd
      // The engine would see the link's end; one that hangs would not (docs/decisions/0003).
      process.deathSignal = .kill
      do {
        engine.pid = try process.start()
        engine.link = EngineLink(descriptor: keeperEnd)
        engine.isGreeted = false
      } catch {
        Descriptor.close(keeperEnd)
        throw error
      }
    } catch {
      engineEnded(.code(1), why: "did not start: \(error)")
    }
  }

  /// Called for the ended process, and for one that could not be started.
  mutating func engineEnded(_ end: ProcessEnd, why: String) {
    let now = ProcessClock.now
    engine.link?.close()
    engine.link = nil
    engine.pid = nil
    engine.killAt = nil
    engine.isGreeted = false
    abandonCommands()
    switch phase {
    case .starting:
      note("the engine \(why) before it served; nothing is kept")
      let code: Int32 = if case .code(let code) = end, code != 0 { code } else { 1 }
      stopReplicas(thenExit: code)
    case .draining:
      if end != .code(0) { note("the engine \(why) before what ran had finished") }
      stopReplicas(thenExit: end == .code(0) ? 0 : 1)
    case .stopping: break
    case .serving:
      let wait = engine.waitAfterEnd(now: now)
      engine.restarts += 1
      engine.lastEnd = why
      engine.restartAt = now + wait
      note("the engine \(why); starting it again" + (wait > .zero ? " in \(wait)" : ""))
      if wait == .zero { startEngine() }
    }
  }

  /// Tells the engine, or keeps the message for the next one.
  mutating func tell(_ message: KeeperMessage, descriptors: [Int32] = []) {
    guard engine.isGreeted, engine.link != nil else {
      if descriptors.isEmpty {
        if kept.count >= Self.messagesKept { kept.removeFirst() }
        kept.append(message)
      }
      return
    }
    do {
      try engine.link?.send(message, descriptors: descriptors)
    } catch .tooLarge(let bytes) {
      note("a message of \(bytes) bytes for the engine was dropped")
    } catch .busy {
      note("the engine does not read; ending it")
      killEngine()
      loseLink()
    } catch {
      loseLink()
    }
  }

  /// All that an engine has to know before it begins.
  private mutating func greet(version: String) {
    engine.isGreeted = true
    for (name, listener) in listeners {
      tell(
        .listening(name: name, address: listener.sockets.address),
        descriptors: listener.sockets.descriptors)
    }
    for replica in replicas.values { tell(.running(replica.state)) }
    let waiting = kept
    kept = []
    for message in waiting { tell(message) }
    tell(
      .welcome(restarts: engine.restarts, lastEnd: engine.lastEnd),
      descriptors: configuration >= 0 ? [configuration] : [])
  }

  mutating func takeMessages() {
    do {
      try engine.link?.flush()
      for _ in 0..<Self.messagesPerTurn {
        guard let link = engine.link,
          let (message, descriptors) = try LinkSocket.receive(
            EngineMessage.self, from: link.descriptor)
        else { return }
        handle(message, descriptors)
      }
    } catch .malformed(let text) {
      note("the engine sent what is no message: \(text.prefix(200))")
    } catch {
      loseLink()
    }
  }

  private mutating func handle(_ message: EngineMessage, _ descriptors: [Int32]) {
    if case .keepConfiguration = message, descriptors.count == 1 {
      Descriptor.close(configuration)
      configuration = descriptors[0]
      return
    }
    Descriptor.close(descriptors)
    switch message {
    case .hello(let version): greet(version: version)
    case .listen(let name, let address, let sockets): listen(name, address, sockets: sockets)
    case .unlisten(let name): listeners.removeValue(forKey: name)?.sockets.close()
    case .start(let spec): start(spec)
    case .stop(let name, let signal, let milliseconds):
      stop(name, with: signal, timeout: .milliseconds(milliseconds))
    case .run(let spec): run(spec)
    case .keepConfiguration: note("the engine sent no configuration to keep")
    case .serving:
      if phase == .starting { phase = .serving }
      if phase == .serving { notification.ready() }
    case .finished: engine.killAt = ProcessClock.now + Self.drainGrace
    }
  }

  /// The link is at its end or broken: the engine is about to end, or is made to.
  private mutating func loseLink() {
    engine.link?.close()
    engine.link = nil
    engine.isGreeted = false
    abandonCommands()
    engine.killAt = min(engine.killAt ?? .distantFuture, ProcessClock.now + EngineSlot.linklessLife)
  }

  mutating func killEngine() {
    if let pid = engine.pid { _ = process_group_signal(pid, SIGKILL) }
  }
}
