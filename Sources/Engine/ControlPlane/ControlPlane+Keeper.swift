import Configuration
import Drills
import EventLoop
import Primitives
import Store
import Supervision

/// The link to the keeper: sockets, replicas, signals.
extension ControlPlane {
  func watchKeeper() throws(EventLoop.SystemError) {
    try reactor.watch(link.descriptor, .readable) { _ in self.takeKeeperMessages() }
  }

  private func takeKeeperMessages() {
    do throws(LinkError) {
      for (message, descriptors) in try link.receive() { take(message, descriptors) }
    } catch .malformed(let text) {
      log.warning("the keeper sent what is no message: \(text)")
    } catch {
      // Nobody holds sockets or replicas any more.
      log.error("the keeper is gone: \(error)")
      end(1)
    }
  }

  func take(_ message: KeeperMessage, _ descriptors: [Int32] = []) {
    if isRetired { return takeRetired(message, descriptors) }
    switch message {
    case .listening(let name, let address):
      guard let asked = askedSockets.removeValue(forKey: name) else {
        return Descriptor.close(descriptors)
      }
      asked.resume(
        returning: .success(ListeningAnswer(address: address, descriptors: descriptors)))
    case .listenFailed(let name, let message):
      askedSockets.removeValue(forKey: name)?.resume(
        returning: .failure(ListenFailure(message: message)))
    case .started(let replica): keeperSaid(.started(replica), of: replica.spec.name)
    case .startFailed(let name, let message):
      keeperSaid(.startFailed(name: name, message: message), of: name)
    case .exited(let replica): keeperSaid(.exited(replica), of: replica.name)
    case .ran(let outcome): commands.ended(outcome)
    case .drilled(let name, let problem): replicaDrilled(name, problem)
    case .reload: Task { await reloadBySignal() }
    case .drain(let milliseconds):
      beginDrain(within: .milliseconds(milliseconds), .closingIdle)
    case .upgrade(let progress): upgradeGoes(progress)
    case .draining(let engines): drainingEngines = engines
    case .retire: Task { await retire() }
    case .sessions: adopt(sessionsIn: descriptors)
    case .running, .welcome, .incompatible, .takeOver, .handedOver: Descriptor.close(descriptors)
    }
  }

  /// All that concerns an engine that is not in charge any more.
  private func takeRetired(_ message: KeeperMessage, _ descriptors: [Int32]) {
    Descriptor.close(descriptors)
    switch message {
    case .drain(let milliseconds):
      beginDrain(within: .milliseconds(milliseconds), .closingIdle)
    case .handedOver: handedOver()
    case .reload: dataPlane.reopenAccessLog()
    default: break
    }
  }

  /// A message that the keeper doesn't take means that it hangs; the loop's next read tells more.
  func tell(_ message: EngineMessage) {
    do throws(LinkError) {
      try link.send(message)
    } catch {
      log.error("the keeper was not told: \(error)")
    }
  }

  /// Sockets at an address, one for each worker or one for the admin API. Under one label there is
  /// one request at a time: reloads come one after the other.
  func listen(
    _ label: String, _ address: SocketAddress, sockets: Int,
    _ options: ListenOptions = ListenOptions()
  ) async -> Result<ListeningAnswer, ListenFailure> {
    await withCheckedContinuation { continuation in
      askedSockets[label] = continuation
      do throws(LinkError) {
        try link.send(.listen(name: label, address: address, sockets: sockets, options: options))
      } catch {
        askedSockets[label] = nil
        continuation.resume(returning: .failure(ListenFailure(message: error.description)))
      }
    }
  }

  /// What the keeper calls a listener: by its address, so that one that only gets another name keeps
  /// its sockets, and one that moves gets new ones before the old are closed.
  static func label(_ listener: ListenerSettings) -> String {
    let address = "\(listener.protocol == .udp ? "udp " : "")\(listener.address)"
    return listener.address.port == 0 ? "\(listener.name) \(address)" : address
  }

  /// A listener's sockets, one for each worker.
  func listen(_ listener: ListenerSettings) async -> Result<ListeningAnswer, ListenFailure> {
    await listen(
      Self.label(listener), listener.address, sockets: dataPlane.count, Self.options(listener))
  }

  static func options(_ listener: ListenerSettings) -> ListenOptions {
    ListenOptions(isDatagram: listener.protocol == .udp, mode: listener.mode)
  }

  func keepConfiguration() {
    guard let text = KeptConfiguration(loaded, tickets: keptTickets).text else { return }
    do throws(LinkError) {
      try link.keep(configuration: text)
    } catch {
      log.warning("the keeper has no copy of the configuration: \(error)")
    }
  }

  // MARK: Draining

  /// Requests under way end; then this engine does. A later one may only shorten the time.
  func beginDrain(within span: TimeSpan, _ kind: Drain) {
    if drain == nil {
      drain = DrainProgress()
      recorder.note("draining", "no new connections; what runs may finish within \(span)")
      decided("engine.stop", because: "what runs may finish within \(span)")
    }
    tellDrill(.stopped)
    dataPlane.drain(within: span, kind)
    // The workers close at the deadline by themselves; a moment more for their word.
    reactor.schedule(after: span + .seconds(1)) { self.finishDrain() }
  }

  func finishDrain() {
    guard drain?.isFinished == false else { return }
    drain?.isFinished = true
    recorder.note("stopped", "the engine has drained and ends")
    Task {
      await recorder.writer.flush()
      await exportAuditHead()
      await recorder.store.close()
      tell(.finished)
      end(0)
    }
  }
}
