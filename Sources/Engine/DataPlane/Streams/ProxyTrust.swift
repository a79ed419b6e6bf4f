import Primitives

/// Who may say by a PROXY header who its client is.
enum ProxyTrust {
  /// Whoever may open a unix socket's file is trusted.
  static func isTrusted(_ peer: SocketAddress, by blocks: [AddressBlock]) -> Bool {
    if case .unix = peer { return true }
    return blocks.contains { $0.contains(peer) }
  }
}
