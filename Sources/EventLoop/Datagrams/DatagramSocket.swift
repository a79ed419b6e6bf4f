internal import CLinux
public import Primitives

/// System calls on one UDP socket. A result under zero is -errno.
public enum DatagramSocket {
  /// A socket that sends to an address and hears from there only, refusals included.
  /// - Returns: the descriptor, or -errno.
  public static func connect(to address: SocketAddress) -> Int32 {
    var storage = sockaddr_storage()
    let length = StreamSocket.fill(&storage, with: address)
    if length < 0 { return length }
    let descriptor = datagram_socket(Int32(storage.ss_family))
    if descriptor < 0 { return descriptor }
    let result = unsafe cl_connect(descriptor, &storage, socklen_t(length))
    if result < 0 {
      _ = cl_close(descriptor)
      return result
    }
    return descriptor
  }

  /// Whether -errno says that nobody takes datagrams there: an ICMP message came back.
  public static func isRefusal(_ result: Int) -> Bool {
    [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN].contains { result == Int(-$0) }
  }
}
