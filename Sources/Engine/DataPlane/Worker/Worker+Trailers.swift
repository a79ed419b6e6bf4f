import Primitives
import Proxying
import Wire

/// Fields behind bodies, on their way through. This is the one place where they pass.
extension Worker {
  /// Reads those that came behind an answer's body by HTTP/2, and keeps them for a client that takes
  /// such fields.
  /// - Returns: whether they are sound.
  mutating func takeTrailers(_ client: Int, _ upstream: Int) -> Bool {
    guard let stream = upstreams[upstream].stream, !stream.trailers.isEmpty else { return true }
    trailerWriter.removeAll()
    guard (try? trailerSection.relay(stream.trailers.span, to: &trailerWriter)) != nil,
      !trailerWriter.overflowed
    else { return false }
    if clients[client].request.isCall {
      clients[client].request.callStatus = trailerSection.grpcStatus
    }
    if clients[client].request.takesTrailers {
      unsafe clients[client].answerTrailers.append(trailerWriter.bytes)
    }
    return true
  }

  /// Fields that came behind a request's body, as they go on to a server.
  mutating func relayedTrailers(_ client: Int) -> [UInt8] {
    guard !clients[client].trailers.isEmpty else { return [] }
    let end: [UInt8] = [Octets.carriageReturn, Octets.lineFeed]
    unsafe end.withUnsafeBytes { unsafe clients[client].trailers.append($0) }
    trailerWriter.removeAll()
    let lines = unsafe clients[client].trailers.bytes
    let isSound =
      (try? trailerSection.relay(unsafe Span<UInt8>(_unsafeBytes: lines), to: &trailerWriter))
      != nil
    clients[client].trailers.removeAll()
    return isSound && !trailerWriter.overflowed ? unsafe Array(trailerWriter.bytes) : []
  }

  /// The last chunk of an answer, with the fields behind it (RFC 9112 section 7.1.2).
  mutating func writeLastChunk(_ client: Int) {
    writer.append("0\r\n")
    unsafe writer.append(clients[client].answerTrailers.bytes)
    writer.append("\r\n")
  }
}
