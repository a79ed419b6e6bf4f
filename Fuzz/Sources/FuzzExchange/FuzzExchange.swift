import Balancing
import Glibc
import LibFuzzer
import Primitives
import Proxying
import Topology

/// Events in any order: retries stay in their bound, nothing is tried again once an answer is
/// under way, and an answer that was begun ends or is cut, never replaced by one of ours. What a
/// server may have acted upon is sent again only if that changes nothing, and at most one hedge is
/// ever asked for. A tunnel is opened only to who asked for one, passes each end on once, and is
/// never followed by another request.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let bytes = UnsafeBufferPointer(start: start, count: count)
  let flags = bytes[0]
  let attempts = Int(bytes[1] % 11)
  var exchange = Exchange()
  var budget = RetryBudget(share: 0.2)
  var random = SeededRandom(seed: UInt64(flags))
  var now = Instant(nanoseconds: 0)
  var tries = 0
  var (wasSent, canReplay, hasEnded) = (false, true, flags & 2 == 0)
  var (wantsHedge, hedgeIsUnderWay) = (false, false)
  let isStream = bytes[1] & 128 == 128
  var (isTunnel, endsPassed, isReused, usedStale) = (false, 0, false, false)
  var hedgeIsReused = false
  exchange.begin(
    Exchange.Request(
      isIdempotent: flags & 1 == 1, hasBody: flags & 2 == 2, keepsConnection: flags & 4 == 4,
      isStream: isStream),
    policy: RetryPolicy(
      attempts: attempts, onConnectFailure: flags & 16 == 16, onReset: flags & 32 == 32,
      onGatewayError: flags & 64 == 64, hedgeAfter: .milliseconds(Int64(flags >> 7))))
  for byte in bytes.dropFirst(2) {
    now = now + .milliseconds(Int64(byte))
    let wasAnswering = exchange.isAnswering
    let event = event(byte)
    switch event {
    // A driver begins a try at first and when it was told to; then all is sent anew.
    case .tryBegan where wasSent: continue
    case .tryBegan(let isSecondHand): isReused = isSecondHand
    case .sent: wasSent = true
    case .replayLost: canReplay = false
    case .requestEnded: hasEnded = true
    case .hedgeBegan(let isSecondHand):
      // A driver begins a hedge only when it was told to.
      guard wantsHedge else { continue }
      (wantsHedge, hedgeIsUnderWay, hedgeIsReused) = (false, true, isSecondHand)
    case .hedgeWon:
      guard hedgeIsUnderWay else { continue }
      swap(&isReused, &hedgeIsReused)
    case .hedgeFailed: (wantsHedge, hedgeIsUnderWay) = (false, false)
    default: break
    }
    switch exchange.handle(event, budget: &budget, random: &random, now: now) {
    case .none:
      if exchange.isAnswering { (wantsHedge, hedgeIsUnderWay) = (false, false) }
    case .hedge:
      tries += 1
      precondition(!wasAnswering && flags & 1 == 1 && hasEnded && canReplay, "an unsafe hedge")
      precondition(!isStream, "a hedged upgrade")
      precondition(exchange.hedges == 1 && tries <= attempts + 1, "hedged more often than allowed")
      wantsHedge = true
    case .useHedge:
      precondition(hedgeIsUnderWay && !wasAnswering, "no hedge to use")
      (hedgeIsUnderWay, isReused) = (false, hedgeIsReused)
    case .tunnel:
      precondition(isStream && hasEnded && !wasAnswering, "a tunnel that nobody asked for")
      guard case .switched(isAsked: true) = event else {
        preconditionFailure("a tunnel without a switch")
      }
      isTunnel = true
    case .passEnd:
      endsPassed += 1
      precondition(isTunnel && endsPassed == 1, "an end without a tunnel, or a second one")
    case .tryAgain(let reason, _):
      tries += 1
      let isStale = reason == .staleConnection
      precondition(!isStale || isReused && !usedStale, "a stale connection that was fresh")
      usedStale = usedStale || isStale
      precondition(!isStream || isStale || !wasSent, "an upgrade was sent again")
      precondition(!wasAnswering, "tried again while an answer was under way")
      precondition(tries <= attempts + 1, "tried more often than allowed")
      precondition(flags & 1 == 1 || !wasSent, "what may not be repeated was sent again")
      precondition(canReplay, "sent again what is held nowhere")
      precondition(!hedgeIsUnderWay, "tried again beside a hedge")
      (wasSent, wantsHedge) = (false, false)
    case .fail:
      precondition(!wasAnswering, "two answers to one request")
      return 0
    case .finish(let keepsConnection):
      precondition(!keepsConnection || flags & 4 == 4 && hasEnded, "kept in the middle of a body")
      precondition(!keepsConnection || !isTunnel, "a request behind a tunnel")
      return 0
    case .abandon:
      precondition(!isTunnel, "one side of a tunnel was forgotten")
      return 0
    case .cut: return 0
    }
  }
  return 0
}

private func event(_ byte: UInt8) -> Exchange.Event {
  let timeouts: [Exchange.Timeout] = [
    .queue, .connect, .tryAnswer, .answer, .total, .requestBody, .answerBody, .tunnel, .drain,
  ]
  switch byte % 24 {
  case 0: return .noServer
  case 1: return .queueFull
  case 2: return .serviceGone
  case 3: return .tryBegan(isReused: byte & 128 == 128)
  case 4: return .connectFailed
  case 5: return .sent
  case 6: return .replayLost
  case 7: return .serverUnhealthy
  case 8: return .requestEnded
  case 9: return .requestBroken
  case 10: return .answerBytes
  case 11: return .answerHead(status: byte & 128 == 128 ? 503 : 200)
  case 12: return .answerBroken
  case 13: return .answerEnded
  case 14: return .serverClosed(isReset: byte & 128 == 128)
  case 15: return .clientClosed
  case 16: return .hedgeDue
  case 17: return .hedgeBegan(isReused: byte & 128 == 128)
  case 18: return .hedgeFailed
  case 19: return .hedgeWon
  case 20: return .shed
  case 21: return .switched(isAsked: byte & 128 == 128)
  case 22: return .sideEnded(byte & 128 == 128 ? .client : .server)
  default: return .timedOut(timeouts[Int(byte / 24) % timeouts.count])
  }
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
