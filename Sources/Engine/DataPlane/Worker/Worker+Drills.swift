import EventLoop
import Primitives
import Proxying
import Topology

/// Answers that are made slow or bad on purpose. Nothing of this is asked while there is no drill.
extension Worker {
  /// Another drill, or none: what is held goes on at once.
  mutating func drill(_ order: AnswerDrill?) {
    answerDrill = order
    guard order == nil else { return }
    for upstream in 0..<upstreams.extent where upstreams.isUsed(upstream) {
      if upstreams[upstream].drillMark == .held { release(drilled: upstream) }
    }
  }

  /// - Returns: whether the answer is not to be read now.
  mutating func isDrilled(_ client: Int, _ upstream: Int) -> Bool {
    if isHeldByDrill(upstream) { return true }
    guard upstreams[upstream].drillMark == .failed, !upstreams[upstream].sawHead,
      upstreams[upstream].isReadable
    else { return false }
    fail(drilled: client, upstream)
    return true
  }

  /// Decides once for each answer, when its first bytes have come.
  mutating func isHeldByDrill(_ upstream: Int) -> Bool {
    switch upstreams[upstream].drillMark {
    case .held: return true
    case .spared, .failed: return false
    case .undecided: break
    }
    guard let drill = answerDrill, upstreams[upstream].server == drill.server.index,
      now < drill.until, !upstreams[upstream].sawHead, upstreams[upstream].isReadable,
      peek(upstream) > 0
    else { return false }
    guard random.fraction() < drill.share else {
      upstreams[upstream].drillMark = .spared
      return false
    }
    drilled &+= 1
    switch drill.effect {
    case .slow(let delay):
      upstreams[upstream].drillMark = .held
      drillDeadlines.set(upstream, min(now + delay, drill.until))
      return true
    case .errors:
      upstreams[upstream].drillMark = .failed
      return false
    }
  }

  /// Those whose time has come, and all once the drill is over.
  mutating func releaseDrilled() {
    if let drill = answerDrill, now >= drill.until { answerDrill = nil }
    expired.removeAll(keepingCapacity: true)
    drillDeadlines.sweep(now: now, into: &expired)
    for upstream in expired where upstreams.isUsed(upstream) {
      if upstreams[upstream].drillMark == .held { release(drilled: upstream) }
    }
  }

  private mutating func release(drilled upstream: Int) {
    upstreams[upstream].drillMark = .spared
    drillDeadlines.clear(upstream)
    let generation = upstreams.generation(upstream)
    unfinished.append(Token(.upstream, index: upstream, generation: generation).rawValue)
  }

  /// The answer of the drill goes the way of the server's own from its first byte on.
  private mutating func fail(drilled client: Int, _ upstream: Int) {
    upstreams[upstream].isReadable = false
    upstreams[upstream].input.removeAll()
    let answer = unsafe UnsafeRawBufferPointer(
      start: AnswerDrill.answer.utf8Start, count: AnswerDrill.answer.utf8CodeUnitCount)
    unsafe receiver.mutableBytes.copyMemory(from: answer)
    report(client, .answerBytes)
    guard isStill(client, upstream) else { return }
    relayBytes(client, upstream, answer.count)
  }
}
