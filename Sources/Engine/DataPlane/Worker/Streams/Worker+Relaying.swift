import Balancing
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// The bytes of streams, once both sides stand.
extension Worker {
  mutating func beginRelaying(_ stream: Int) {
    streams[stream].phase = .relaying
    streams[stream].moved = now
    if let version = streams[stream].service?.proxyHeader { giveHeader(stream, version) }
    // Without a word from the client nobody knows yet whether it sends what it may not.
    if !streams[stream].isSuspect { giveInput(stream) }
    relay(stream)
  }

  /// The first that the server hears: who its client is.
  private mutating func giveHeader(_ stream: Int, _ version: ProxyHeaderVersion) {
    let destination =
      streams[stream].destination ?? StreamSocket.localAddress(of: streams[stream].client)
    writer.removeAll()
    ProxyHeader.write(
      version == .v1 ? .text : .binary, source: streams[stream].source, destination: destination,
      to: &writer)
    unsafe streams[stream].relay.hold(writer.bytes, for: .second, areReceived: false)
  }

  /// Moves what can be moved.
  mutating func relay(_ stream: Int) {
    let generation = streams.generation(stream)
    var waits = false
    if streams[stream].isSuspect {
      waits = !clearSuspicion(stream)
      guard streams.isUsed(stream), streams.generation(stream) == generation else { return }
    }
    // While it waits the other direction goes on.
    let wasReadable = streams[stream].relay.first.isReadable
    if waits { streams[stream].relay.first.isReadable = false }
    let scratch = unsafe receiver.mutableBytes
    let outcome = unsafe streams[stream].relay.run(&pipes, scratch: scratch)
    if waits { streams[stream].relay.first.isReadable = wasReadable }
    countBytes(stream)
    switch outcome {
    case .waiting: armIdle(stream)
    case .unfinished:
      armIdle(stream)
      unfinished.append(Token(.streamClient, index: stream, generation: generation).rawValue)
    case .finished: report(stream: stream, .finished)
    case .broken(.first, _): report(stream: stream, .broke(.client))
    case .broken(.second, let error):
      noteStreamFailure(stream, .reset, SystemError.text(0 &- error))
      report(stream: stream, .broke(.server))
    }
  }

  private mutating func countBytes(_ stream: Int) {
    let bytesIn = streams[stream].relay.received(from: .first)
    let bytesOut = streams[stream].relay.received(from: .second)
    let (newIn, newOut) = (
      bytesIn &- streams[stream].countedIn, bytesOut &- streams[stream].countedOut
    )
    if newIn > 0 || newOut > 0, let series = streams[stream].series {
      streamStatistics.count(series, bytesIn: newIn, bytesOut: newOut)
      streams[stream].countedIn = bytesIn
      streams[stream].countedOut = bytesOut
      streams[stream].moved = now
    }
    let clientEnded = streams[stream].relay.hasEnded(.first)
    let serverEnded = streams[stream].relay.hasEnded(.second)
    if clientEnded { report(stream: stream, .ended(.client)) }
    if serverEnded { report(stream: stream, .ended(.server)) }
    if bytesOut > 0 || serverEnded { judgeGood(stream) }
  }

  /// The server took the stream and did something with it.
  private mutating func judgeGood(_ stream: Int) {
    guard !streams[stream].isJudged, let server = streams[stream].server,
      let service = streams[stream].service
    else { return }
    streams[stream].isJudged = true
    let began = streams[stream].tryBegan
    let change = loads[server].answered(
      isFailure: false, after: streams[stream].connected - began, began: began,
      policy: service.ejection, mayEject: false, now: now)
    loadChanged(server)
    if let change { tell(server, change) }
  }

  private mutating func armIdle(_ stream: Int) {
    let idle = streams[stream].service?.timeouts.idle ?? .zero
    var deadline = idle > .zero ? streams[stream].moved + idle : Instant.distantFuture
    if !streams[stream].isJudged {
      deadline = min(deadline, streams[stream].connected + DataPlaneLimits.streamJudgement)
    }
    streamDeadlines.set(stream, min(deadline, streams[stream].totalDeadline))
  }

  mutating func relayExpired(_ stream: Int) {
    if now >= streams[stream].connected + DataPlaneLimits.streamJudgement { judgeGood(stream) }
    let idle = streams[stream].service?.timeouts.idle ?? .zero
    if idle > .zero, now >= streams[stream].moved + idle {
      report(stream: stream, .timedOut(.idle))
    } else {
      armIdle(stream)
    }
  }
}
