internal import CLinux
public import Primitives

/// Who sent a datagram.
public struct DatagramPeer: Sendable, Hashable {
  /// As in `SocketAddress`; an IPv4 address is in `low`.
  let high: UInt64
  let low: UInt64
  let port: UInt16
  let isIPv4: Bool

  /// An IPv4 address that came over an IPv6 socket (::ffff:a.b.c.d) is given as IPv4.
  public var address: SocketAddress {
    if isIPv4 || high == 0 && low >> 32 == 0xFFFF {
      return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
    }
    return .ipv6(high: high, low: low, port: port)
  }
}

/// Where a datagram came from, and to which of our addresses: an answer goes back the same way.
public struct DatagramOrigin: Sendable {
  let value: datagram_origin

  public var peer: DatagramPeer {
    DatagramPeer(
      high: value.peer_high, low: value.peer_low, port: value.peer_port,
      isIPv4: value.version == 4)
  }
}

/// Datagrams that were received in one call and are sent on from where they lie.
@safe public struct DatagramBatch: ~Copyable {
  private let batch: OpaquePointer

  /// Nil without memory.
  public init?() {
    guard let batch = unsafe datagram_batch_open() else { return nil }
    unsafe self.batch = batch
  }

  deinit { unsafe datagram_batch_close(batch) }

  /// Takes what waits at a socket, up to 32.
  /// - Returns: how many, or -errno.
  public mutating func receive(_ descriptor: Int32) -> Int {
    Int(unsafe datagram_batch_receive(batch, descriptor))
  }

  /// Of one of the received ones, in bytes.
  public func size(_ index: Int) -> Int { Int(unsafe datagram_batch_size(batch, Int32(index))) }

  public func origin(_ index: Int) -> DatagramOrigin {
    DatagramOrigin(value: unsafe datagram_batch_origin(batch, Int32(index)))
  }

  /// Sends received ones over a connected socket.
  /// - Returns: how many were taken, or -errno.
  public mutating func send(_ range: Range<Int>, over descriptor: Int32) -> Int {
    Int(
      unsafe datagram_batch_send(
        batch, descriptor, Int32(range.lowerBound), Int32(range.count)))
  }

  /// Sends received ones to where an earlier one came from, over the socket that it came through.
  public mutating func answer(
    _ range: Range<Int>, to origin: DatagramOrigin, over descriptor: Int32
  ) -> Int {
    Int(
      unsafe datagram_batch_answer(
        batch, descriptor, Int32(range.lowerBound), Int32(range.count), origin.value))
  }
}
