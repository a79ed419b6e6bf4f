internal import CLinux
public import Primitives

/// Names of hosts, by the system's resolver.
public enum HostLookup {
  /// The most addresses of one name that are tried.
  static let most = 8

  /// Blocks its thread for as long as the resolver needs: on no event loop.
  /// - Returns: in the resolver's order of preference (RFC 6724), at least one.
  /// - Throws: no such name, or nobody who could tell.
  public static func addresses(of server: HostAndPort) throws(SystemError) -> [SocketAddress] {
    var found = [sockaddr_storage](repeating: sockaddr_storage(), count: most)
    let count = unsafe server.host.withCString { host in
      unsafe found.withUnsafeMutableBufferPointer { found in
        unsafe cl_lookup(host, server.port, found.baseAddress, Int32(found.count))
      }
    }
    let addresses = found.prefix(Int(max(0, count))).map { StreamSocket.address(of: $0) }
    guard !addresses.isEmpty else {
      throw SystemError(
        code: count < 0 ? 0 &- count : ENOENT, operation: "look up the host \(server.host)")
    }
    return addresses
  }
}
