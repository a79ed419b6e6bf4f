import CLinux
import Glibc
public import Primitives

/// Why an address could not be listened at: `127.0.0.1:8080 is in use by nginx (pid 1234)`.
public struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// Sockets that listen at one address, one a worker, so that each event loop has an accept queue of
/// its own (docs/decisions/0002-reuseport.md).
public struct ListeningSockets: Sendable {
  /// Connections that wait to be accepted, per socket; the kernel caps it at net.core.somaxconn.
  public static let backlog: Int32 = 4_096

  /// As bound: port 0 became a number, and `:port` became 0.0.0.0 without IPv6.
  public let address: SocketAddress
  /// Non-blocking, closed on exec.
  public let descriptors: [Int32]
  /// UDP, where nothing listens and datagrams wait in the sockets themselves.
  public let isDatagram: Bool

  private init(address: SocketAddress, descriptors: [Int32], isDatagram: Bool) {
    self.address = address
    self.descriptors = descriptors
    self.isDatagram = isDatagram
  }

  /// Opens `count` sockets (1 … `LinkLimits.descriptors`). The folder of a unix socket is made, and
  /// a socket's file that nobody answers at is removed.
  public static func open(
    _ address: SocketAddress, count: Int, _ options: ListenOptions = ListenOptions()
  ) throws(ListenError) -> ListeningSockets {
    let isDatagram = options.isDatagram
    guard (1...LinkLimits.descriptors).contains(count) else {
      throw ListenError(
        "\(address): \(count) sockets; 1 to \(LinkLimits.descriptors) are possible")
    }
    do {
      switch address {
      case .unix(let path):
        return try open(path: path, count: count, mode: options.mode ?? standardMode)
      case .ipv6(0, 0, let port):
        do {
          return try openPorts(address, count: count, isDatagram)
        } catch  where error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL {
          return try openPorts(.ipv4(address: 0, port: port), count: count, isDatagram)
        }
      default: return try openPorts(address, count: count, isDatagram)
      }
    } catch {
      throw explain(error, address, isDatagram)
    }
  }

  /// Of a unix socket's file.
  static let standardMode = 0o660

  /// Changes the permissions of a unix socket's file; nil is the standard.
  public func permit(_ mode: Int?) throws(ListenError) {
    guard case .unix(let path) = address else { return }
    let result = unsafe file_permit(path, UInt32(truncatingIfNeeded: mode ?? Self.standardMode))
    if result < 0 { throw Self.explain(SystemError(code: -result), address, isDatagram) }
  }

  /// The same sockets and more of them, so that there are `count`; never fewer, since connections
  /// that wait at a socket would be lost with it.
  public func extended(to count: Int) throws(ListenError) -> ListeningSockets {
    guard count > descriptors.count else { return self }
    guard count <= LinkLimits.descriptors else {
      throw ListenError("\(address): \(count) sockets are over \(LinkLimits.descriptors)")
    }
    do {
      let all = try Self.fill(descriptors, to: count, address, isDatagram)
      return ListeningSockets(address: address, descriptors: all, isDatagram: isDatagram)
    } catch {
      throw Self.explain(error, address, isDatagram)
    }
  }

  /// Closes them, and removes a unix socket's file.
  public func close() {
    if case .unix(let path) = address { _ = unsafe file_unlink(path) }
    Descriptor.close(descriptors)
  }

  private static func openPorts(
    _ address: SocketAddress, count: Int, _ isDatagram: Bool
  ) throws(SystemError) -> ListeningSockets {
    // SO_REUSEPORT would let us share the port silently with another program of the same user, so a
    // plain bind looks first whether it is free.
    Descriptor.close(try bind(address, shared: false, backlog: 0, isDatagram))
    let first = try bind(address, shared: true, backlog: backlog, isDatagram)
    do {
      let bound = address.with(port: UInt16(clamping: try check(listener_port(first))))
      let all = try fill([first], to: count, bound, isDatagram)
      return ListeningSockets(address: bound, descriptors: all, isDatagram: isDatagram)
    } catch {
      Descriptor.close(first)
      throw error
    }
  }

  /// Opens those that are missing; closes its own again when one fails.
  private static func fill(
    _ descriptors: [Int32], to count: Int, _ address: SocketAddress, _ isDatagram: Bool
  ) throws(SystemError) -> [Int32] {
    var added: [Int32] = []
    do {
      while descriptors.count + added.count < count {
        if case .unix = address {
          // SO_REUSEPORT has no meaning here: all workers share one socket.
          added.append(try Descriptor.duplicate(descriptors[0]))
        } else {
          added.append(try bind(address, shared: true, backlog: backlog, isDatagram))
        }
      }
      return descriptors + added
    } catch {
      Descriptor.close(added)
      throw error
    }
  }

  private static func bind(
    _ address: SocketAddress, shared: Bool, backlog: Int32, _ isDatagram: Bool
  ) throws(SystemError) -> Int32 {
    switch address {
    case .ipv4(let ipv4, let port) where isDatagram:
      try check(datagram_listener_open(4, 0, UInt64(ipv4), port, shared ? 1 : 0))
    case .ipv6(let high, let low, let port) where isDatagram:
      try check(datagram_listener_open(6, high, low, port, shared ? 1 : 0))
    case .ipv4(let ipv4, let port):
      try check(listener_open(4, 0, UInt64(ipv4), port, 1, shared ? 1 : 0, backlog))
    case .ipv6(let high, let low, let port):
      try check(listener_open(6, high, low, port, 1, shared ? 1 : 0, backlog))
    case .unix: throw SystemError(code: EAFNOSUPPORT)
    }
  }

  private static func open(
    path: String, count: Int, mode: Int
  ) throws(SystemError) -> ListeningSockets {
    switch -(unsafe listener_probe_path(path)) {
    case ENOENT: break
    case ECONNREFUSED: _ = try check(unsafe file_unlink(path))
    case 0: throw SystemError(code: EADDRINUSE)
    case let code: throw SystemError(code: code)
    }
    if let folder = FileSystem.parent(of: path) { try FileSystem.makeFolder(folder) }
    let first = try check(
      unsafe listener_open_path(path, backlog, UInt32(truncatingIfNeeded: mode)))
    do {
      let address = SocketAddress.unix(path: path)
      let all = try fill([first], to: count, address, false)
      return ListeningSockets(address: address, descriptors: all, isDatagram: false)
    } catch {
      Descriptor.close(first)
      throw error
    }
  }

  private static func explain(
    _ error: SystemError, _ address: SocketAddress, _ isDatagram: Bool
  ) -> ListenError {
    switch error.code {
    case EADDRINUSE:
      guard !isDatagram, let holder = SocketHolder.find(listeningAt: address) else {
        return ListenError("\(address) is in use by another program")
      }
      return ListenError("\(address) is in use by \(holder.program) (pid \(holder.pid))")
    case EACCES:
      let why = address.port == nil ? "" : "; ports below 1024 take root or CAP_NET_BIND_SERVICE"
      return ListenError("\(address): not permitted\(why)")
    case EADDRNOTAVAIL: return ListenError("\(address): this machine has no such address")
    case ENOTSOCK: return ListenError("\(address): a file that is no socket is in the way")
    default: return ListenError("\(address): \(error)")
    }
  }
}

extension SocketAddress {
  fileprivate func with(port: UInt16) -> SocketAddress {
    switch self {
    case .ipv4(let address, _): .ipv4(address: address, port: port)
    case .ipv6(let high, let low, _): .ipv6(high: high, low: low, port: port)
    case .unix: self
    }
  }
}
