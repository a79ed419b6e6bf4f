import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// PROXY headers of HTTP connections: from those in front of us, and to servers.
extension Worker {
  /// Reads until it is known who the client is. A listener that asks for headers takes no request
  /// without one, and what is none of its form closes the connection.
  /// - Returns: whether there may be more to do.
  mutating func readProxyHeader(client: Int) -> Bool {
    let held = takeInput(client)
    guard clients[client].isReadable else {
      holdInput(client, 0..<held)
      return false
    }
    guard let read = receive(client, behind: held) else { return false }
    let count = held + read
    do throws(ProxyHeader.Problem) {
      let bytes = unsafe receiver.bytes
      let span = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(0..<count)
      guard let header = try ProxyHeader.read(span) else {
        holdInput(client, 0..<count)
        return read > 0
      }
      clients[client].adopt(header)
      guard isWelcome(named: client) else {
        closeClient(client)
        return false
      }
      let isSecure = listeners[clients[client].place].isSecure
      clients[client].phase = isSecure ? .handshake : .head
      clientDeadlines.set(client, now + listeners[clients[client].place].policy.headTime)
      holdInput(client, header.count..<count)
      clients[client].inputIsFresh = header.count < count
      return true
    } catch {
      closeClient(client)
      return false
    }
  }

  /// The descriptor of a client's connection, also of a stream's.
  private func socket(_ client: Int) -> Int32 {
    clients[client].stream.map { sessions[$0.session].descriptor } ?? clients[client].descriptor
  }

  /// Sends the kept request, behind a PROXY header where the servers wait for one and the connection
  /// is new. What the socket doesn't take is held.
  /// - Returns: bytes taken, or -errno; nothing is held then.
  mutating func sendReplay(_ client: Int, _ upstream: Int) -> Int {
    if traces != nil { nameTry(client, upstream) }
    if let stream = upstreams[upstream].stream { return submit(client, upstream, stream) }
    writer.removeAll()
    if !upstreams[upstream].isReused, upstreams[upstream].tls == nil,
      let version = clients[client].request.service?.proxyHeader
    {
      let destination =
        clients[client].destination
        ?? StreamSocket.localAddress(of: socket(client))
      ProxyHeader.write(
        version == .v1 ? .text : .binary, source: clients[client].origin,
        destination: destination, to: &writer)
    }
    let request = unsafe clients[client].replay.bytes
    let sent =
      writer.count == 0
      ? unsafe send(to: upstream, request)
      : unsafe send(to: upstream, writer.bytes, request)
    if sent < 0, sent != StreamSocket.wouldBlock, sent != StreamSocket.interrupted { return sent }
    let taken = max(0, sent)
    if taken == writer.count + request.count { return taken }
    upstreams[upstream].isWritable = false
    if taken < writer.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: writer.bytes[taken...])
      unsafe upstreams[upstream].output.append(rest)
    }
    let start = max(0, taken - writer.count)
    let rest = unsafe UnsafeRawBufferPointer(rebasing: request[start...])
    unsafe upstreams[upstream].output.append(rest)
    return taken
  }
}
