/// Carries bytes both ways between two connected, non-blocking descriptors of one event loop, until
/// both directions have ended or one side broke. An end of one direction is passed on alone (a half
/// close); whoever takes nothing stops the reading on the other side.
///
/// The caller's duties:
/// 1. Tell each event of either descriptor by `note`, then call `run`.
/// 2. After `unfinished` call `run` again in the loop's next turn: no event will come.
/// 3. Keep the time: the relay waits for ever. What moved shows in `received`.
/// 4. At the end, however it came, call `release`, then close both descriptors.
/// 5. After `broken` close the side that did not break with a reset, so that its peer can't take what
///    it got for all there was.
public struct Relay: ~Copyable {
  /// The first is the one who asked for the relay, the client.
  public enum Side: Sendable {
    case first, second
  }

  public enum Outcome: Sendable, Equatable {
    /// Nothing can move before another event.
    case waiting
    /// Others get their turn first.
    case unfinished
    /// Both directions came to their end.
    case finished
    /// A side's connection failed, with -errno: mostly a reset.
    case broken(Side, Int32)
  }

  /// What `run` needs room for.
  public static let scratchBytes = RelayFlow.readBytes

  public var first: RelayEnd
  public var second: RelayEnd
  private var forth = RelayFlow()
  private var back = RelayFlow()

  public init(first: RelayEnd, second: RelayEnd) {
    self.first = first
    self.second = second
  }

  /// Bytes that came from a side so far, with those of `hold` that it is said to have sent.
  public func received(from side: Side) -> UInt64 {
    side == .first ? forth.received : back.received
  }

  /// Whether a side's end came, and was passed on.
  public func hasEnded(_ side: Side) -> Bool { side == .first ? forth.isOver : back.isOver }

  /// Gives bytes that go to a side before all that comes from the other one.
  /// - Parameter areReceived: they came from the other side; else they are ours.
  public mutating func hold(
    _ bytes: UnsafeRawBufferPointer, for side: Side, areReceived: Bool = true
  ) {
    if side == .second {
      unsafe forth.hold(bytes, areReceived: areReceived)
    } else {
      unsafe back.hold(bytes, areReceived: areReceived)
    }
  }

  public mutating func note(_ side: Side, _ readiness: Readiness) {
    if side == .first { first.note(readiness) } else { second.note(readiness) }
  }

  /// Moves what can be moved now, up to a bound.
  /// - Parameter scratch: at least `scratchBytes`; nothing stays in it.
  public mutating func run(
    _ pipes: inout PipePool, scratch: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    // What a client sent before it broke off asks for an answer that nobody takes; what a server
    // sent before is still passed on.
    if first.error != 0 { return .broken(.first, first.error) }
    let forthOutcome = unsafe forth.move(from: &first, to: &second, &pipes, scratch)
    if case .broken(let error) = forthOutcome { return .broken(.first, error) }
    let backOutcome = unsafe back.move(from: &second, to: &first, &pipes, scratch)
    if case .broken(let error) = backOutcome { return .broken(.second, error) }
    if first.error != 0 { return .broken(.first, first.error) }
    if backOutcome == .ended, second.error != 0 { return .broken(.second, second.error) }
    if forthOutcome == .ended || forth.isDropping, backOutcome == .ended || back.isDropping {
      return .finished
    }
    if forthOutcome == .unfinished || backOutcome == .unfinished { return .unfinished }
    return .waiting
  }

  /// Gives back what the loop lent. Bytes that are still held are lost.
  public mutating func release(_ pipes: inout PipePool) {
    forth.release(&pipes)
    back.release(&pipes)
  }
}
