import CLinux
import Glibc
public import Primitives

/// The engine's end of the link. Used by one thread: the engine's control plane.
///
/// The caller's duties: 1. `greet` first. 2. Put `descriptor` into an event loop and call `receive`
/// whenever it is readable. 3. Close or keep the descriptors that come with messages. 4. End when
/// `LinkError.closed` is thrown: without a keeper nobody holds the sockets or the replicas.
public final class KeeperLink {
  /// What the keeper holds when an engine starts.
  public struct Welcome: Sendable {
    public struct Listener: Sendable {
      public var name: String
      public var address: SocketAddress
      public var descriptors: [Int32]
    }

    public var listeners: [Listener] = []
    public var replicas: [RunningReplica] = []
    /// The text of the last configuration that an engine accepted; nil at the first start.
    public var configuration: String?
    /// Engines before this one.
    public var restarts = 0
    /// How the last one ended: `killed by SIGSEGV`.
    public var lastEnd: String?
    /// Set for a successor, which is to call `prepared`.
    public var upgrade: UpgradeProgress?
    /// Memory files with sessions that the engine before this one knew.
    public var sessions: [[UInt8]] = []
    /// What came between (signals, exits): to be handled after the welcome.
    public var early: [KeeperMessage] = []
  }

  /// Non-blocking; readable when a message waits.
  public let descriptor: Int32

  /// Takes over the descriptor that the keeper passed on.
  public init(descriptor: Int32) throws(SystemError) {
    _ = try check(descriptor_prepare(descriptor))
    self.descriptor = descriptor
  }

  /// The link of this process as its environment names it; nil when no keeper started it.
  public static func inherited() throws(SystemError) -> KeeperLink? {
    guard let text = unsafe getenv(LinkLimits.variable),
      let number = unsafe Int32(String(cString: text))
    else { return nil }
    return try KeeperLink(descriptor: number)
  }

  deinit { Descriptor.close(descriptor) }

  /// Sends a message, waiting up to `LinkLimits.patienceMilliseconds` for room. The descriptors stay
  /// the caller's.
  public func send(_ message: EngineMessage, descriptors: [Int32] = []) throws(LinkError) {
    let bytes = try LinkSocket.encode(message)
    while true {
      do {
        return try LinkSocket.send(bytes, descriptors: descriptors, over: descriptor)
      } catch .busy {
        try wait(for: Int16(POLLOUT))
      }
    }
  }

  /// All messages that wait, oldest first; the received descriptors are closed on exec.
  public func receive() throws(LinkError) -> [(message: KeeperMessage, descriptors: [Int32])] {
    var messages: [(message: KeeperMessage, descriptors: [Int32])] = []
    while messages.count < LinkLimits.waiting {
      do {
        guard let next = try LinkSocket.receive(KeeperMessage.self, from: descriptor) else { break }
        messages.append(next)
      } catch {
        // What came before the end is handed out first; the end is still there the next time.
        if error == .closed, !messages.isEmpty { break }
        throw error
      }
    }
    return messages
  }

  /// Says hello and waits for all that the keeper holds.
  public func greet(version: String) throws(LinkError) -> Welcome {
    try send(.hello(version: version, link: .spoken))
    var welcome = Welcome()
    while true {
      let (message, descriptors) = try next()
      switch message {
      case .listening(let name, let address):
        welcome.listeners.append(
          Welcome.Listener(name: name, address: address, descriptors: descriptors))
      case .running(let replica): welcome.replicas.append(replica)
      case .welcome(let restarts, let lastEnd, let upgrade):
        welcome.restarts = restarts
        welcome.lastEnd = lastEnd
        welcome.upgrade = upgrade
        defer { Descriptor.close(descriptors) }
        if let file = descriptors.first {
          let bytes = try contents(of: file, upTo: LinkLimits.configuration)
          welcome.configuration = String(decoding: bytes, as: UTF8.self)
        }
        return welcome
      case .sessions:
        defer { Descriptor.close(descriptors) }
        guard let file = descriptors.first else { continue }
        welcome.sessions.append(try contents(of: file, upTo: LinkLimits.sessions))
      case .incompatible(let message): throw .incompatible(message)
      default:
        Descriptor.close(descriptors)
        welcome.early.append(message)
      }
    }
  }

  /// A successor's question whether it could listen there, while another engine is in charge. Only for
  /// listeners that the welcome doesn't have.
  public func tryListening(
    _ name: String, _ address: SocketAddress, sockets: Int,
    _ options: ListenOptions = ListenOptions()
  ) throws(LinkError) -> ListenError? {
    try send(.listen(name: name, address: address, sockets: sockets, options: options))
    while true {
      let (message, descriptors) = try next()
      // The keeper keeps them; they are asked for again once this engine is in charge.
      Descriptor.close(descriptors)
      switch message {
      case .listening(name, _): return nil
      case .listenFailed(name, let message): return ListenError(message)
      default: continue
      }
    }
  }

  /// Says that this successor could serve, and waits, for as long as the keeper takes, until it is in
  /// charge. What the keeper holds by then is added to the welcome, and output goes where the
  /// keeper's goes.
  public func prepared(_ welcome: inout Welcome) throws(LinkError) {
    try send(.prepared)
    while true {
      let message: KeeperMessage
      let descriptors: [Int32]
      do {
        (message, descriptors) = try next()
      } catch .busy {
        continue
      }
      switch message {
      case .running(let replica): welcome.replicas.append(replica)
      case .sessions:
        defer { Descriptor.close(descriptors) }
        guard let file = descriptors.first else { continue }
        welcome.sessions.append(try contents(of: file, upTo: LinkLimits.sessions))
      case .takeOver:
        for (own, descriptor) in zip([Int32(1), 2], descriptors) {
          _ = descriptor_replace(descriptor, own)
        }
        Descriptor.close(descriptors)
        return
      default:
        Descriptor.close(descriptors)
        welcome.early.append(message)
      }
    }
  }

  private func next() throws(LinkError) -> (message: KeeperMessage, descriptors: [Int32]) {
    while true {
      if let next = try LinkSocket.receive(KeeperMessage.self, from: descriptor) { return next }
      try wait(for: Int16(POLLIN))
    }
  }

  /// Gives the keeper the text of an accepted configuration for the engines after this one.
  public func keep(configuration text: String) throws(LinkError) {
    guard text.utf8.count <= LinkLimits.configuration else {
      throw .tooLarge(bytes: text.utf8.count)
    }
    try send(.keepConfiguration, containing: Array(text.utf8))
  }

  /// Hands sessions to the engine that takes over.
  public func hand(sessions bytes: [UInt8]) throws(LinkError) {
    guard bytes.count <= LinkLimits.sessions else { throw .tooLarge(bytes: bytes.count) }
    try send(.sessions, containing: bytes)
  }

  private func send(_ message: EngineMessage, containing bytes: [UInt8]) throws(LinkError) {
    let file: Int32
    do {
      file = try check(unsafe memory_file_open("ballast-link"))
    } catch {
      throw .system(error)
    }
    defer { Descriptor.close(file) }
    do {
      try Descriptor.write(bytes.span, to: file)
      _ = try check(memory_file_seal(file))
    } catch {
      throw .system(error)
    }
    try send(message, descriptors: [file])
  }

  /// What a memory file of another engine says; the descriptor stays the caller's.
  public func contents(of file: Int32, upTo limit: Int) throws(LinkError) -> [UInt8] {
    let size = file_size(file)
    guard (0...Int64(limit)).contains(size) else {
      throw .malformed("a memory file of \(size) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    var done = 0
    while done < bytes.count {
      // By position: engines after this one share the file's offset.
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        return unsafe file_read_at(file, rest.baseAddress, rest.count, Int64(done))
      }
      guard count > 0 else { throw .malformed("a memory file that cannot be read") }
      done += Int(count)
    }
    return bytes
  }

  private func wait(for events: Int16) throws(LinkError) {
    var list = [pollfd(fd: descriptor, events: events, revents: 0)]
    let ready = unsafe list.withUnsafeMutableBufferPointer { list in
      unsafe descriptors_wait(list.baseAddress, list.count, LinkLimits.patienceMilliseconds)
    }
    if ready == 0 { throw .busy }
  }
}
