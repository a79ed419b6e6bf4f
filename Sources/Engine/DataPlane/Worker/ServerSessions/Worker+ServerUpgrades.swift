import CCrypto
import HTTP2
import Primitives
import Wire

/// WebSocket and other protocols over one stream of HTTP/2 (RFC 8441), which the client asked for by
/// `Upgrade`, or by an extended CONNECT of its own.
extension Worker {
  /// Whether the server of a stream offers that.
  mutating func takesUpgrades(_ stream: ServerStream) -> Bool {
    guard let session = liveSession(stream) else { return true }
    return serverSessions[session].http2.peerTakesExtendedConnect
  }

  /// The head of a server's consent, as HTTP/1.1 says it: a 101 that names the protocol, with the proof
  /// that a client of WebSocket waits for (RFC 6455 section 4.2.2).
  /// - Parameter lines: the fields of the answer, and the empty line.
  mutating func switchingHead(_ client: Int, _ lines: ArraySlice<UInt8>) -> [UInt8] {
    var request = RequestHead()
    let forwarded = unsafe clients[client].replay.bytes
    let bytes = unsafe Span<UInt8>(_unsafeBytes: forwarded)
    guard (try? request.read(bytes)) == true else { return [] }
    var head = Array("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ".utf8)
    for index in request.upgradeRange { head.append(bytes[index]) }
    head += Array("\r\n".utf8)
    if let index = request.fields.firstIndex(named: Self.keyName, bytes) {
      let key = request.fields[index].valueRange.map { bytes[$0] }
      head += Array("Sec-WebSocket-Accept: ".utf8) + Self.proof(of: key) + Array("\r\n".utf8)
    }
    return head + lines
  }

  private static let keyName = Array("sec-websocket-key".utf8)
  private static let suffix = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)

  /// Base64 of the SHA-1 of the key and what RFC 6455 puts behind it.
  private static func proof(of key: [UInt8]) -> [UInt8] {
    let text = key + suffix
    var digest = [UInt8](repeating: 0, count: 20)
    var length: CUnsignedInt = 0
    _ = unsafe EVP_Digest(text, text.count, &digest, &length, EVP_sha1(), nil)
    // 28 characters and the zero that ends a text of C.
    var coded = [UInt8](repeating: 0, count: 29)
    _ = unsafe EVP_EncodeBlock(&coded, digest, CInt(digest.count))
    return Array(coded.dropLast())
  }
}
