import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// What a client, or somebody in front of it, says before its stream can begin.
extension Worker {
  private enum Progress {
    case advanced, needsMore, over
  }

  mutating func readPreface(_ stream: Int) {
    let generation = streams.generation(stream)
    for _ in 0..<DataPlaneLimits.readsPerTurn {
      switch advancePreface(stream) {
      case .over: return
      case .advanced: continue
      case .needsMore:
        guard receivePreface(stream) else { return }
      }
    }
    unfinished.append(Token(.streamClient, index: stream, generation: generation).rawValue)
  }

  /// Reads once.
  /// - Returns: whether something came.
  private mutating func receivePreface(_ stream: Int) -> Bool {
    guard streams[stream].relay.first.isReadable else { return false }
    let room = unsafe UnsafeMutableRawBufferPointer(
      rebasing: receiver.mutableBytes[0..<DataPlaneLimits.prefaceReadBytes])
    let count = unsafe StreamSocket.receive(streams[stream].client, into: room)
    if count > 0 {
      unsafe streams[stream].input.append(
        UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<count]))
      return true
    }
    if count == StreamSocket.interrupted { return true }
    streams[stream].relay.first.isReadable = false
    // Who says no more before he said enough has left.
    if count != StreamSocket.wouldBlock { report(stream: stream, .broke(.client)) }
    return false
  }

  private mutating func advancePreface(_ stream: Int) -> Progress {
    let count = streams[stream].input.count
    guard count > 0, count >= streams[stream].wanted else { return .needsMore }
    switch streams[stream].phase {
    case .proxyHeader: return readProxyHeader(stream)
    case .hello: return readHello(stream)
    case .queued, .backoff, .connecting, .relaying: return .over
    }
  }

  private mutating func readProxyHeader(_ stream: Int) -> Progress {
    do throws(ProxyHeader.Problem) {
      let bytes = unsafe streams[stream].input.bytes
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
      guard let header = try ProxyHeader.read(span) else { return .needsMore }
      streams[stream].input.removeFirst(header.count)
      if let source = header.source {
        streams[stream].source = source
        streams[stream].peer = PeerText(source)
        streams[stream].address = ClientAddress(source)
        streams[stream].destination = header.destination
      }
      return goOn(stream)
    } catch {
      report(stream: stream, .prefaceBroken(.badProxyHeader))
      return .over
    }
  }

  private mutating func goOn(_ stream: Int) -> Progress {
    let generation = streams.generation(stream)
    beginStream(stream)
    guard streams.isUsed(stream), streams.generation(stream) == generation,
      streams[stream].phase == .hello
    else { return .over }
    return .advanced
  }

  private mutating func readHello(_ stream: Int) -> Progress {
    var hello = ClientHello()
    do throws(ClientHello.Problem) {
      let bytes = unsafe streams[stream].input.bytes
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
      if let wanted = try hello.read(span) {
        streams[stream].wanted = wanted
        return .needsMore
      }
    } catch {
      report(stream: stream, .prefaceBroken(.badHello))
      return .over
    }
    streams[stream].serverName = hello.serverName
    var service: Int?
    if case .tlsPassthrough(let table) = streams[stream].kind {
      service = table.service(streams[stream].serverName) { hello.speaks($0) }
    }
    beginStream(stream, at: service)
    return .over
  }

  // MARK: Headers from those who may not send one

  /// Looks at a client's first bytes while its stream is under way already, since there are protocols
  /// in which the server speaks first.
  /// - Returns: whether what follows may be relayed; else the client's side has to wait.
  mutating func clearSuspicion(_ stream: Int) -> Bool {
    while streams[stream].relay.first.isReadable {
      let room = unsafe UnsafeMutableRawBufferPointer(
        rebasing: receiver.mutableBytes[0..<DataPlaneLimits.prefaceReadBytes])
      let count = unsafe StreamSocket.receive(streams[stream].client, into: room)
      if count == StreamSocket.interrupted { continue }
      if count == StreamSocket.wouldBlock {
        streams[stream].relay.first.isReadable = false
        return false
      }
      if count > 0 {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[0..<count])
        unsafe streams[stream].input.append(bytes)
        let all = unsafe streams[stream].input.bytes
        switch unsafe ProxyHeader.beginning(Span<UInt8>(_unsafeBytes: all)) {
        case .isNone: break
        case .mayBecomeOne: continue
        case .isOne:
          report(stream: stream, .prefaceBroken(.badProxyHeader))
          return false
        }
      }
      // Its end, or its failure, is read once more by the relay.
      giveInput(stream)
      return true
    }
    return false
  }

  /// Lets the relay begin with what was taken from the client already.
  mutating func giveInput(_ stream: Int) {
    streams[stream].isSuspect = false
    if streams[stream].input.isEmpty { return }
    let input = unsafe streams[stream].input.bytes
    unsafe streams[stream].relay.hold(input, for: .second)
    streams[stream].input.removeAll()
  }
}
