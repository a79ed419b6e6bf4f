import Primitives
import Supervision

/// A listener that the engine asked for.
struct Listener {
  /// As asked for; `sockets.address` is what it became.
  let address: SocketAddress
  var sockets: ListeningSockets
}

/// The listening sockets: they stay open here while engines come and go, and connections wait in
/// their backlog.
extension KeeperProcess {
  mutating func listen(_ name: String, _ address: SocketAddress, sockets count: Int) {
    do {
      let sockets: ListeningSockets
      // The same address under another name is the same listener, renamed.
      let holder =
        listeners.first { $0.key == name && $0.value.address == address }
        ?? listeners.first { $0.value.address == address && address.port != 0 }
      if let holder {
        sockets = try holder.value.sockets.extended(to: count)
        listeners[holder.key] = nil
      } else {
        sockets = try ListeningSockets.open(address, count: count)
      }
      let old = listeners.updateValue(Listener(address: address, sockets: sockets), forKey: name)
      old?.sockets.close()
      tell(.listening(name: name, address: sockets.address), descriptors: sockets.descriptors)
    } catch {
      tell(.listenFailed(name: name, message: error.description))
    }
  }

  /// The engine's own copies stay until it has drained; without ours a new connection is refused
  /// then instead of waiting for nobody.
  mutating func closeListeners() {
    for listener in listeners.values { listener.sockets.close() }
    listeners = [:]
  }
}
