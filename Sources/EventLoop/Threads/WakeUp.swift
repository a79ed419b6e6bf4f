internal import CLinux

/// An eventfd: makes another thread's `Poller` return.
public final class WakeUp: Sendable {
  public let descriptor: Int32

  public init() throws(SystemError) {
    descriptor = try checked(cl_eventfd(), "create an eventfd")
  }

  deinit { _ = cl_close(descriptor) }

  public func signal() { _ = cl_eventfd_signal(descriptor) }
  public func clear() { _ = cl_eventfd_clear(descriptor) }
}
