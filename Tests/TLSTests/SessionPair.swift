import Glibc
import TLS
import Testing

/// A client's session and a server's over a pair of connected sockets.
final class SessionPair {
  let client: TLSSession
  let server: TLSSession
  let clientSocket: Int32
  let serverSocket: Int32

  init(_ serverContext: TLSServerContext, _ clientContext: TLSClientContext, name: String?) throws {
    var sockets: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    try #require(unsafe socketpair(AF_UNIX, kind, 0, &sockets) == 0)
    (clientSocket, serverSocket) = (sockets[0], sockets[1])
    client = try #require(
      TLSSession(client: clientContext, descriptor: clientSocket, serverName: name))
    server = try #require(TLSSession(server: serverContext, descriptor: serverSocket))
  }

  deinit {
    close(clientSocket)
    close(serverSocket)
  }

  /// Takes turns until both are done or one has failed.
  @discardableResult func shakeHands() -> Bool {
    for _ in 0..<20 {
      let (near, far) = (client.handshake(), server.handshake())
      if near == .failed {
        // The alert is on its way.
        _ = server.handshake()
        return false
      }
      if far == .failed {
        _ = client.handshake()
        return false
      }
      if near == .done, far == .done { return true }
    }
    return false
  }
}

extension TLSSession {
  func send(_ text: [UInt8]) -> Int { unsafe text.withUnsafeBytes { unsafe send($0) } }

  func receive(atMost count: Int = 65_536) -> (count: Int, bytes: [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe bytes.withUnsafeMutableBytes { unsafe receive(into: $0) }
    return (result, Array(bytes.prefix(max(0, result))))
  }
}
