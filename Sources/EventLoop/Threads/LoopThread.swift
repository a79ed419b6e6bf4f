internal import CLinux
internal import Glibc

/// A thread for an event loop.
public enum LoopThread {
  /// Starts `body` on a thread of its own, which nobody joins.
  public static func start(_ name: String, _ body: @escaping @Sendable () -> Void)
    throws(SystemError)
  {
    let box = unsafe Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().start()
        return nil
      }, box)
    guard code == 0 else {
      unsafe Unmanaged<Body>.fromOpaque(box).release()
      throw SystemError(code: code, operation: "start the thread \(name)")
    }
    pthread_detach(thread)
  }

  private final class Body: Sendable {
    private let name: String
    private let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }

    func start() {
      _ = unsafe cl_name_thread(name)
      run()
    }
  }
}
