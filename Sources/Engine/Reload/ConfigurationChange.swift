import Configuration
import Primitives

/// What a reload changes, besides servers and routes, which are simply built anew.
struct ConfigurationChange: Sendable, Equatable {
  /// Listeners that listen at no socket of theirs yet.
  var opened: [ListenerSettings] = []
  /// Names of listeners that are there no more.
  var closed: [String] = []
  /// Keys that hold for the life of an engine; the old value stays.
  var needingUpgrade: [String] = []
  /// The settings to be taken: the new ones, with the old value where another engine is needed.
  var settings: Settings

  init(from old: Settings, to new: Settings) {
    settings = new
    let before = Dictionary(old.listeners.map { ($0.name, Sockets($0)) }) { $1 }
    opened = new.listeners.filter { before[$0.name] != Sockets($0) }
    let after = Set(new.listeners.map(\.name))
    closed = old.listeners.map(\.name).filter { !after.contains($0) }
    keep(\.workers, "workers", old)
    keep(\.state.path, "state.path", old)
  }

  /// What the keeper is asked for.
  private struct Sockets: Equatable {
    var address: SocketAddress
    var isDatagram: Bool
    var mode: Int?

    init(_ listener: ListenerSettings) {
      address = listener.address
      isDatagram = listener.protocol == .udp
      mode = listener.mode
    }
  }

  private mutating func keep<Value: Equatable>(
    _ path: WritableKeyPath<Settings, Value>, _ key: String, _ old: Settings
  ) {
    guard settings[keyPath: path] != old[keyPath: path] else { return }
    settings[keyPath: path] = old[keyPath: path]
    needingUpgrade.append(key)
  }
}
