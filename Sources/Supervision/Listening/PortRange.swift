import CLinux
import Primitives

/// Ports on 127.0.0.1 for replicas, outside the kernel's range for outgoing connections (32768 …
/// 60999), so that no connection takes a port between its choice and the replica's bind.
public struct PortRange: Sendable {
  public static let first: UInt16 = 20_000
  public static let last: UInt16 = 29_999
  static let count = Int(last - first) + 1

  private var next: Int

  /// `seed` says where to begin, so that two keepers on one machine seldom try the same ones.
  public init(seed: Int) {
    next = Int((UInt(bitPattern: seed) &* 2_654_435_761) % UInt(Self.count))
  }

  /// A port that is free now and not in `taken`; nil when none is. Takes turns, so that a port of a
  /// replica that just ended comes back last.
  public mutating func take(except taken: Set<UInt16>) -> UInt16? {
    for _ in 0..<Self.count {
      let port = Self.first + UInt16(next)
      next = (next + 1) % Self.count
      // Without SO_REUSEADDR: the replica's own bind may lack it as well.
      if !taken.contains(port), Self.isFree(port) { return port }
    }
    return nil
  }

  static func isFree(_ port: UInt16) -> Bool {
    let socket = listener_open(4, 0, 0x7F00_0001, port, 0, 0, 0)
    guard socket >= 0 else { return false }
    Descriptor.close(socket)
    return true
  }
}
