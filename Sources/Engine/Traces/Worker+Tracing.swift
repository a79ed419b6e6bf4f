import Primitives
import Proxying
import Tracing
import Wire

/// The trace that a request is part of. All of it is called only while traces are made.
extension Worker {
  /// Goes on with the client's trace, or begins one; the request's head stands in `requestHead`.
  mutating func beginTrace(_ client: Int, _ bytes: Span<UInt8>) {
    guard let rules = traces?.rules else { return }
    var mark = TraceMark()
    mark.isSet = true
    let isTrusted = clients[client].isTrusted
    let isToBeContinued = isTrusted || rules.continuesAll
    if isToBeContinued, let context = TraceContext(requestHead, bytes) {
      mark.isContinued = true
      mark.trace = context.trace
      mark.parent = context.parent
      mark.flags = context.flags.intersection([.sampled, .random])
    } else {
      let identifier = clients[client].request.identifier
      mark.trace = TraceIdentifier(high: identifier.high, low: identifier.low)
      // A trusted proxy may have said so.
      if mark.trace.isZero { mark.trace.low = random.next() | 1 }
    }
    // Whom we don't know may not order what we keep.
    mark.isSampled =
      mark.isContinued && isTrusted
      ? mark.flags.contains(.sampled) : random.fraction() < rules.share
    if mark.isSampled { mark.flags.insert(.sampled) } else { mark.flags.remove(.sampled) }
    mark.span = max(1, random.next())
    traces?.set(mark, of: client)
  }

  /// What the first try's server is told; each later one puts its own span in place of that.
  mutating func traceOfServers(_ client: Int) -> ForwardedRequest.Trace? {
    guard let mark = traces?.mark(of: client) else { return nil }
    traces?.change(client) { $0.writtenTry = 0 }
    let first = SpanIdentifier.child(of: mark.span, SpanIdentifier.attempt(0))
    return ForwardedRequest.Trace(
      context: TraceContext(trace: mark.trace, parent: first, flags: mark.flags),
      isContinued: mark.isContinued)
  }

  /// Names the try that is about to be sent in the kept head.
  mutating func nameTry(_ client: Int, _ upstream: Int) {
    guard let mark = traces?.mark(of: client), let written = mark.writtenTry,
      let number = clients[client].request.tries.number(at: upstreams[upstream].server),
      Int(written) != number
    else { return }
    let headBytes = clients[client].request.replayHeadBytes
    guard let range = ForwardedRequest.parentRange(headBytes: headBytes),
      range.upperBound <= clients[client].replay.count
    else { return }
    traces?.change(client) { $0.writtenTry = Int32(clamping: number) }
    let span = SpanIdentifier.child(of: mark.span, SpanIdentifier.attempt(number))
    let digits = unsafe UnsafeMutableRawBufferPointer(
      rebasing: clients[client].replay.mutableBytes[range])
    for place in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: span >> UInt64(60 - 4 * place) & 15)
      unsafe digits[place] = digit < 10 ? digit &+ 48 : digit &+ 87
    }
  }

  mutating func beginWait(_ client: Int) {
    let span = now - clients[client].request.began
    traces?.change(client) { $0.waits.begin(after: span) }
  }

  mutating func endWait(_ client: Int) {
    let span = now - clients[client].request.began
    traces?.change(client) { $0.waits.end(after: span) }
  }

  /// Another try is about to take the place of the last one.
  mutating func keepTry(_ client: Int) {
    var last = clients[client].request.tries.last
    // A hedge is closed before the next try begins, or it is overtaken.
    if last.end == .underWay {
      last.end = .overtaken
      last.ended = UInt32(clamping: (now - clients[client].request.began).nanoseconds / 1_000)
    }
    traces?.keep(last, of: client)
  }

  /// A request ended.
  /// - Parameters:
  ///   - place: where it is remembered.
  ///   - took: without what a tunnel lasted.
  mutating func endTrace(_ client: Int, _ place: Int?, _ took: TimeSpan) {
    guard let rules = traces?.rules, let place, var mark = traces?.mark(of: client) else { return }
    mark.waits.end(after: now - clients[client].request.began)
    let callStatus = clients[client].request.callStatus
    let status = callStatus?.serverStatus ?? clients[client].request.status
    let isTunnel = clients[client].request.exchange.isTunnel
    let isFailed = status >= 500 || !isTunnel && clients[client].request.tries.isCutOff
    if let reason = rules.reason(isSampled: mark.isSampled, took: took, isFailed: isFailed) {
      let version: TracedRequest.Version =
        clients[client].stream != nil
        ? .http2 : clients[client].request.isOldClient ? .http10 : .http11
      let request = TracedRequest(
        record: remembered[place], mark: mark,
        middleTries: traces?.middleTries(of: client) ?? [], reason: reason, version: version,
        isSecure: clients[client].isSecure, isFailed: isFailed,
        isTunnel: isTunnel, callStatus: callStatus)
      if traces?.mayKeep(reason, now) == true {
        traces?.append(request, now)
      } else {
        traces?.lose(request)
      }
    }
    traces?.forget(client)
  }

  /// The identifier of a request's trace where that is sure to be exported.
  mutating func traceIdentifier(_ client: Int) -> TraceIdentifier? {
    guard let mark = traces?.mark(of: client), mark.isSampled else { return nil }
    return mark.trace
  }

  /// Takes over other rules, another collector, or none. Requests under way keep what they carry along.
  mutating func followTraces(_ new: WorkerTraces?) {
    traces?.flush()
    var new = new
    if let former = traces { new?.adopt(former) }
    traces = new
  }
}
