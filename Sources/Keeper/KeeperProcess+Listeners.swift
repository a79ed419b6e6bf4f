import Primitives
import Supervision

/// A listener that the engine asked for.
struct Listener {
  /// As asked for; `sockets.address` is what it became.
  let address: SocketAddress
  var sockets: ListeningSockets

  /// A port of UDP is another than the same port of TCP.
  func isAt(_ other: SocketAddress, _ options: ListenOptions) -> Bool {
    address == other && sockets.isDatagram == options.isDatagram
  }
}

/// The listening sockets: they stay open here while engines come and go, and connections wait in
/// their backlog.
extension KeeperProcess {
  /// - Parameter engine: who asks.
  mutating func listen(
    _ name: String, _ address: SocketAddress, sockets count: Int, _ options: ListenOptions,
    for engine: UInt64
  ) {
    do throws(ListenError) {
      let sockets =
        try engine == seat.number
        ? open(name, address, sockets: count, options)
        : tryOut(name, address, sockets: count, options, for: engine)
      tell(
        engine, .listening(name: name, address: sockets.address),
        descriptors: sockets.descriptors)
    } catch {
      tell(engine, .listenFailed(name: name, message: error.description))
    }
  }

  private mutating func open(
    _ name: String, _ address: SocketAddress, sockets count: Int, _ options: ListenOptions
  ) throws(ListenError) -> ListeningSockets {
    let sockets: ListeningSockets
    // The same address under another name is the same listener, renamed.
    let holder =
      listeners.first { $0.key == name && $0.value.isAt(address, options) }
      ?? listeners.first { $0.value.isAt(address, options) && address.port != 0 }
    if let holder {
      sockets = try holder.value.sockets.extended(to: count)
      try sockets.permit(options.mode)
      listeners[holder.key] = nil
    } else {
      sockets = try ListeningSockets.open(address, count: count, options)
    }
    let old = listeners.updateValue(Listener(address: address, sockets: sockets), forKey: name)
    old?.sockets.close()
    return sockets
  }

  /// For a successor, while another engine is in charge: what is there stays as it is, and what is
  /// new goes with the successor if it fails.
  private mutating func tryOut(
    _ name: String, _ address: SocketAddress, sockets count: Int, _ options: ListenOptions,
    for engine: UInt64
  ) throws(ListenError) -> ListeningSockets {
    guard upgrade?.successor == engine else {
      throw ListenError("this engine is not in charge any more")
    }
    if let held = listeners.first(where: {
      $0.key == name || $0.value.isAt(address, options)
    }) {
      return held.value.sockets
    }
    let sockets = try ListeningSockets.open(address, count: count, options)
    listeners[name] = Listener(address: address, sockets: sockets)
    upgrade?.opened.append(name)
    return sockets
  }

  /// The engine's own copies stay until it has drained; without ours a new connection is refused
  /// then instead of waiting for nobody.
  mutating func closeListeners() {
    for listener in listeners.values { listener.sockets.close() }
    listeners = [:]
  }
}
