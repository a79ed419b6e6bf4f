public import Primitives

extension ProxyHeader {
  /// Writes a header that names the client and where it connected to. Without both it says that the
  /// client is not known.
  public static func write(
    _ version: Version, source: SocketAddress?, destination: SocketAddress?,
    to writer: inout ByteWriter
  ) {
    var addresses: (SocketAddress, SocketAddress)?
    if let source, let destination { addresses = sameFamily(source, destination) }
    switch version {
    case .text: writeText(addresses, to: &writer)
    case .binary: writeBinary(addresses, to: &writer)
    }
  }

  /// Writes a header for a connection of our own, such as a check.
  public static func writeLocal(_ version: Version, to writer: inout ByteWriter) {
    switch version {
    case .text: writer.append("PROXY UNKNOWN\r\n")
    case .binary:
      writer.append(signature.span, 0..<signature.count)
      for byte: UInt8 in [0x20, 0, 0, 0] { writer.append(byte) }
    }
  }

  private static func writeText(
    _ addresses: (SocketAddress, SocketAddress)?, to writer: inout ByteWriter
  ) {
    guard let (source, destination) = addresses else {
      writer.append("PROXY UNKNOWN\r\n")
      return
    }
    if case .ipv4 = source { writer.append("PROXY TCP4 ") } else { writer.append("PROXY TCP6 ") }
    writer.append(source.host)
    writer.append(Octets.space)
    writer.append(destination.host)
    writer.append(Octets.space)
    writer.append(decimal: Int(source.port ?? 0))
    writer.append(Octets.space)
    writer.append(decimal: Int(destination.port ?? 0))
    writer.append("\r\n")
  }

  private static func writeBinary(
    _ addresses: (SocketAddress, SocketAddress)?, to writer: inout ByteWriter
  ) {
    writer.append(signature.span, 0..<signature.count)
    writer.append(0x21)
    switch addresses {
    case (.ipv4(let source, let sourcePort), .ipv4(let destination, let port))?:
      writer.append(0x11)
      writer.append(number: 12, size: 2)
      writer.append(number: UInt64(source), size: 4)
      writer.append(number: UInt64(destination), size: 4)
      writer.append(number: UInt64(sourcePort), size: 2)
      writer.append(number: UInt64(port), size: 2)
    case (.ipv6(let high, let low, let sourcePort), .ipv6(let toHigh, let toLow, let port))?:
      writer.append(0x21)
      writer.append(number: 36, size: 2)
      for half in [high, low, toHigh, toLow] { writer.append(number: half, size: 8) }
      writer.append(number: UInt64(sourcePort), size: 2)
      writer.append(number: UInt64(port), size: 2)
    default:
      writer.append(0x00)
      writer.append(number: 0, size: 2)
    }
  }

  /// Both as IPv4 or both as IPv6; nil for a unix socket.
  private static func sameFamily(
    _ source: SocketAddress, _ destination: SocketAddress
  ) -> (SocketAddress, SocketAddress)? {
    switch (source, destination) {
    case (.unix, _), (_, .unix): nil
    case (.ipv4, .ipv4), (.ipv6, .ipv6): (source, destination)
    default: (source.mapped, destination.mapped)
    }
  }
}

extension SocketAddress {
  /// An IPv4 address written as IPv6 (RFC 4291 section 2.5.5.2) is given as IPv4.
  var withoutMapping: SocketAddress {
    guard case .ipv6(0, let low, let port) = self, low >> 32 == 0xFFFF else { return self }
    return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
  }

  fileprivate var mapped: SocketAddress {
    guard case .ipv4(let address, let port) = self else { return self }
    return .ipv6(high: 0, low: 0xFFFF_0000_0000 | UInt64(address), port: port)
  }
}

extension ByteWriter {
  /// The lowest `size` bytes of a number, in network order.
  fileprivate mutating func append(number: UInt64, size: Int) {
    for index in stride(from: size - 1, through: 0, by: -1) {
      append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index)))
    }
  }
}
