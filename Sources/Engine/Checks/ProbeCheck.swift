import EventLoop
import HealthChecking
import Outbound
import Primitives

/// A check over TLS or HTTP/2.
final class ProbeCheck: CheckAttempt {
  private let probe: OutboundProbe
  private let judge: (OutboundResponse) -> CheckResult
  private let timeout: TimeSpan
  private let thread: ProbeThread
  private let reactor: Reactor
  private var number: UInt64?
  private var timer: UInt64?
  private var done: ((CheckResult) -> Void)?

  /// On top of the timeout that the probe keeps itself: one that waits for its turn has none yet.
  private static let grace = TimeSpan.milliseconds(250)

  /// - Parameter judge: gives the verdict on an answer.
  init(
    _ probe: OutboundProbe, judging judge: @escaping (OutboundResponse) -> CheckResult,
    within timeout: TimeSpan, over thread: ProbeThread, on reactor: Reactor,
    done: @escaping (CheckResult) -> Void
  ) {
    self.probe = probe
    self.judge = judge
    self.timeout = timeout
    self.thread = thread
    self.reactor = reactor
    self.done = done
  }

  func run() {
    do {
      number = try thread.begin(probe) { [self] outcome in
        number = nil
        end(verdict(outcome))
      }
    } catch {
      return end(.failed(detail: error.description))
    }
    timer = reactor.schedule(after: timeout + Self.grace) { [self] in
      timer = nil
      end(.failed(detail: "timeout after \(timeout)"))
    }
  }

  func cancel() {
    done = nil
    release()
  }

  private func verdict(_ outcome: ProbeThread.Outcome) -> CheckResult {
    switch outcome {
    case .success(let response): judge(response)
    case .failure(let error): .failed(detail: text(of: error))
    }
  }

  /// In the words of the checks without TLS.
  private func text(of error: OutboundError) -> String {
    let text = error.description
    guard text.hasSuffix(" in time") else { return text }
    return "timeout after \(timeout): \(text.dropLast(8))"
  }

  private func end(_ result: CheckResult) {
    release()
    let call = done
    done = nil
    call?(result)
  }

  private func release() {
    if let timer { reactor.cancel(timer) }
    timer = nil
    if let number { thread.cancel(number) }
    number = nil
  }
}
