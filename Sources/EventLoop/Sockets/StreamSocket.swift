internal import CLinux
public import Primitives

/// System calls on one stream socket. They neither block nor retry; a result under zero is -errno.
public enum StreamSocket {
  /// Begins to connect; the socket gets writable when it is connected or has failed (`error(of:)`).
  /// - Returns: the descriptor, or -errno.
  public static func connect(to address: SocketAddress) -> Int32 {
    var storage = sockaddr_storage()
    let length = fill(&storage, with: address)
    if length < 0 { return length }
    let family = Int32(storage.ss_family)
    let descriptor = cl_socket_stream(family)
    if descriptor < 0 { return descriptor }
    if family != AF_UNIX { _ = cl_set_no_delay(descriptor) }
    let result = unsafe cl_connect(descriptor, &storage, socklen_t(length))
    if result < 0, result != -EINPROGRESS {
      _ = cl_close(descriptor)
      return result
    }
    return descriptor
  }

  /// One waiting connection of a listener, non-blocking, without Nagle's delay.
  /// - Returns: the descriptor, or -errno; `-EAGAIN` when none waits.
  public static func accept(_ listener: Int32, peer: inout SocketAddress) -> Int32 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = unsafe cl_accept(listener, &storage, &length)
    if descriptor < 0 { return descriptor }
    peer = address(of: storage)
    if storage.ss_family != sa_family_t(AF_UNIX) { _ = cl_set_no_delay(descriptor) }
    return descriptor
  }

  /// The pending error as -errno, or 0.
  public static func error(of descriptor: Int32) -> Int32 { cl_socket_error(descriptor) }

  /// - Returns: bytes read, 0 at the peer's end, or -errno.
  public static func receive(
    _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer
  ) -> Int {
    unsafe cl_receive(descriptor, bytes.baseAddress, bytes.count)
  }

  /// - Returns: 1 when a byte waits to be read, 0 at the peer's end, or -errno.
  public static func peek(_ descriptor: Int32) -> Int { cl_peek(descriptor) }

  /// - Returns: bytes taken, maybe fewer than given, or -errno.
  public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe cl_send(descriptor, bytes.baseAddress, bytes.count)
  }

  /// Sends two buffers in one call.
  public static func send(
    _ descriptor: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) -> Int {
    unsafe cl_send_two(
      descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
  }

  /// How many bytes the peer's machine has taken of all that was ever sent to it.
  /// - Returns: -errno for a socket that is not TCP.
  public static func acknowledged(_ descriptor: Int32) -> Int { cl_bytes_acknowledged(descriptor) }

  public static func shutdownWrite(_ descriptor: Int32) { _ = cl_shutdown_write(descriptor) }
  public static func close(_ descriptor: Int32) { _ = cl_close(descriptor) }

  /// Closes with a reset, so that the peer can't take a cut message for a whole one.
  public static func closeWithReset(_ descriptor: Int32) { _ = cl_close_with_reset(descriptor) }

  /// Where a bound socket listens; nil for a unix socket.
  public static func localAddress(of descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    guard unsafe cl_local_address(descriptor, &storage, &length) == 0 else { return nil }
    let address = address(of: storage)
    if case .unix = address { return nil }
    return address
  }

  /// The user that connected a unix socket (SO_PEERCRED); nil where the kernel doesn't tell.
  public static func peerUser(of descriptor: Int32) -> UInt32? {
    var user: UInt32 = 0
    return unsafe cl_peer_user(descriptor, &user) == 0 ? user : nil
  }

  public static let wouldBlock = Int(-EAGAIN)
  public static let interrupted = Int(-EINTR)
  public static let inProgress = -EINPROGRESS
  public static let exhausted = -EMFILE
  public static let unreachable = -EHOSTUNREACH
  public static let keyless = -ENOKEY
  public static let connectionReset = -ECONNRESET

  /// Whether -errno means that this process or the machine has no descriptor or memory left.
  public static func isExhaustion(_ result: Int32) -> Bool {
    [-EMFILE, -ENFILE, -ENOBUFS, -ENOMEM].contains(result)
  }

  static func fill(_ storage: inout sockaddr_storage, with address: SocketAddress) -> Int32 {
    switch address {
    case .ipv4(let address, let port): unsafe cl_address_ipv4(&storage, address, port)
    case .ipv6(let high, let low, let port): unsafe cl_address_ipv6(&storage, high, low, port)
    case .unix(let path): unsafe path.withCString { unsafe cl_address_unix(&storage, $0) }
    }
  }

  /// An IPv4 address that came over an IPv6 socket (::ffff:a.b.c.d) is given as IPv4.
  static func address(of storage: sockaddr_storage) -> SocketAddress {
    var storage = storage
    var (high, low, port) = (UInt64(0), UInt64(0), UInt16(0))
    switch unsafe cl_address_read(&storage, &high, &low, &port) {
    case 4: return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
    case 6:
      if high == 0, low >> 32 == 0xFFFF {
        return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
      }
      return .ipv6(high: high, low: low, port: port)
    default: return .unix(path: "")
    }
  }
}
