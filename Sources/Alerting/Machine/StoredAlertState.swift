/// One thing that outlives the engine, under a key.
public enum StoredAlertState: Codable, Sendable, Equatable {
  case alert(Alert)
  case group(AlertGroup)
  case silence(Silence)
  case channel(name: String, ChannelState)
  /// The counters that objectives look back on, by a service.
  case series(service: String, Series)

  /// Opaque: only the machine looks into it.
  public struct Series: Codable, Sendable, Equatable {
    var series: ServiceSeries
  }

  public var key: Key {
    switch self {
    case .alert(let alert): .alert(alert.id)
    case .group(let group): .group(group.key)
    case .silence(let silence): .silence(silence.id)
    case .channel(let name, _): .channel(name)
    case .series(let service, _): .series(service)
    }
  }

  public enum Key: Hashable, Sendable {
    case alert(String), group(String), silence(String), channel(String), series(String)

    /// As the store has it: `alert/0123456789abcdef`.
    public var text: String {
      switch self {
      case .alert(let id): "alert/\(id)"
      case .group(let key): "group/\(key)"
      case .silence(let id): "silence/\(id)"
      case .channel(let name): "channel/\(name)"
      case .series(let service): "series/\(service)"
      }
    }
  }
}
