public import Primitives

/// A client's address as text, without heap: at most 45 bytes for IPv6.
public struct PeerText: Sendable, CustomStringConvertible {
  private var bytes = InlineArray<46, UInt8>(repeating: 0)
  public private(set) var count = 0

  /// Of nobody.
  public init() {}

  /// The host of an address; `unix` for a unix socket.
  public init(_ address: SocketAddress) {
    var text = address.host
    if case .unix = address { text = "unix" }
    for byte in text.utf8 where count < 46 {
      bytes[count] = byte
      count += 1
    }
  }

  /// An address as it stands in a field; at most 45 bytes are taken.
  init(_ text: Span<UInt8>, _ range: Range<Int>) {
    for index in range where count < 46 {
      bytes[count] = text[index]
      count += 1
    }
  }

  public var description: String {
    unsafe bytes.span.extracting(0..<count).withUnsafeBufferPointer {
      unsafe String(decoding: $0, as: UTF8.self)
    }
  }

  public func append(to writer: inout ByteWriter) {
    writer.append(bytes.span, 0..<count)
  }
}
