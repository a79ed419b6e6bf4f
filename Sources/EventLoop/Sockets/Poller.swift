internal import CLinux

/// What happened to a descriptor, as epoll tells it.
public struct Readiness: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
  public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
  /// The peer sends no more; what it sent before may still be unread.
  public static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
  public static let failed = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// One epoll instance. Connections register once, edge-triggered, and are never modified: the
/// owner notes what is readable and writable, which saves a system call for every change of mind.
@safe public struct Poller: ~Copyable {
  private let descriptor: Int32
  private let events: UnsafeMutableBufferPointer<epoll_event>

  /// The most events of one `wait`.
  public static let batch = 256

  public init() throws(SystemError) {
    descriptor = try checked(cl_epoll_create(), "create an epoll instance")
    unsafe events = .allocate(capacity: Self.batch)
    unsafe events.initialize(repeating: epoll_event())
  }

  deinit {
    _ = cl_close(descriptor)
    unsafe events.deallocate()
  }

  /// Watches a connection: both directions, edge-triggered. `token` comes back with each event.
  /// - Returns: 0 or -errno.
  public func watchConnection(_ descriptor: Int32, token: UInt64) -> Int32 {
    let edge: UInt32 = 1 << 31
    let interest: Readiness = [.readable, .writable, .peerClosed]
    return cl_epoll_add(self.descriptor, descriptor, interest.rawValue | edge, token)
  }

  /// Gives a connection that is watched another token. What it is ready for is told once more.
  /// - Returns: 0 or -errno.
  public func rewatchConnection(_ descriptor: Int32, token: UInt64) -> Int32 {
    let edge: UInt32 = 1 << 31
    let interest: Readiness = [.readable, .writable, .peerClosed]
    return cl_epoll_modify(self.descriptor, descriptor, interest.rawValue | edge, token)
  }

  /// Watches a listener or a wake-up for readability, level-triggered.
  public func watchReadable(_ descriptor: Int32, token: UInt64) -> Int32 {
    cl_epoll_add(self.descriptor, descriptor, Readiness.readable.rawValue, token)
  }

  /// Watches level-triggered for what `interest` names; call again with `isNew` false to change it.
  public func watch(
    _ descriptor: Int32, _ interest: Readiness, token: UInt64, isNew: Bool
  ) -> Int32 {
    isNew
      ? cl_epoll_add(self.descriptor, descriptor, interest.rawValue, token)
      : cl_epoll_modify(self.descriptor, descriptor, interest.rawValue, token)
  }

  public func forget(_ descriptor: Int32) {
    _ = cl_epoll_remove(self.descriptor, descriptor)
  }

  /// Waits for at least one event.
  /// - Parameter milliseconds: at most so long; -1 without end.
  /// - Returns: how many events `event(_:)` holds; 0 when time ran out or a signal came.
  public func wait(milliseconds: Int32) -> Int {
    let count = unsafe cl_epoll_wait(
      descriptor, events.baseAddress, Int32(Self.batch), milliseconds)
    return max(0, Int(count))
  }

  public func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
    let event = unsafe events[index]
    let (token, bits) = unsafe (event.data.u64, event.events)
    return (token, Readiness(rawValue: bits))
  }
}
