import Balancing
import Glibc
import LibFuzzer
import Primitives
import Proxying
import Topology

/// Events in any order: retries stay in their bound, nothing is tried again once an answer is
/// under way, and an answer that was begun ends or is cut, never replaced by one of ours. What a
/// server may have acted upon is sent again only if that changes nothing.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let bytes = UnsafeBufferPointer(start: start, count: count)
  let flags = bytes[0]
  let attempts = Int(bytes[1] % 11)
  var exchange = Exchange()
  var budget = RetryBudget(share: 0.2)
  var now = Instant(nanoseconds: 0)
  var tries = 0
  var (wasSent, canReplay, hasEnded) = (false, true, flags & 2 == 0)
  exchange.begin(
    Exchange.Request(
      isIdempotent: flags & 1 == 1, hasBody: flags & 2 == 2, keepsConnection: flags & 4 == 4),
    policy: RetryPolicy(
      attempts: attempts, onConnectFailure: flags & 16 == 16, onReset: flags & 32 == 32))
  for byte in bytes.dropFirst(2) {
    now = now + .milliseconds(Int64(byte))
    let wasAnswering = exchange.isAnswering
    let event = event(byte)
    switch event {
    // A driver begins a try at first and when it was told to; then all is sent anew.
    case .tryBegan where wasSent: continue
    case .sent: wasSent = true
    case .replayLost: canReplay = false
    case .requestEnded: hasEnded = true
    default: break
    }
    switch exchange.handle(event, budget: &budget, now: now) {
    case .none: continue
    case .tryAgain:
      tries += 1
      precondition(!wasAnswering, "tried again while an answer was under way")
      precondition(tries <= attempts + 1, "tried more often than allowed")
      precondition(flags & 1 == 1 || !wasSent, "what may not be repeated was sent again")
      precondition(canReplay, "sent again what is held nowhere")
      wasSent = false
    case .fail:
      precondition(!wasAnswering, "two answers to one request")
      return 0
    case .finish(let keepsConnection):
      precondition(!keepsConnection || flags & 4 == 4 && hasEnded, "kept in the middle of a body")
      return 0
    case .cut, .abandon: return 0
    }
  }
  return 0
}

private func event(_ byte: UInt8) -> Exchange.Event {
  let timeouts: [Exchange.Timeout] = [
    .queue, .connect, .tryAnswer, .answer, .total, .requestBody, .answerBody,
  ]
  switch byte % 17 {
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
  case 11: return .answerHead
  case 12: return .answerBroken
  case 13: return .answerEnded
  case 14: return .serverClosed(isReset: byte & 128 == 128)
  case 15: return .clientClosed
  default: return .timedOut(timeouts[Int(byte / 17) % timeouts.count])
  }
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
