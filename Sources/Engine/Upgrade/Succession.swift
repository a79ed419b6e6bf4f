import Configuration
import Primitives
import Supervision

/// What a successor does while another engine is in charge: all that can go wrong without harm.
enum Succession {
  /// Tries the listeners that the other engine doesn't have, says that it could serve, and waits until
  /// it is in charge.
  /// - Throws: what makes this configuration one that can't be served.
  static func wait(
    _ link: KeeperLink, _ welcome: inout KeeperLink.Welcome, _ settings: Settings, workers: Int
  ) throws(ConfigurationRefusal) {
    let held = Set(welcome.listeners.map(\.name))
    let wanted =
      settings.listeners.map {
        (
          name: "the listener \($0.name)", label: ControlPlane.label($0),
          address: $0.address, options: ControlPlane.options($0)
        )
      }
      + ControlPlane.adminLabels(settings.admin).map {
        (name: "the admin API", label: $0.label, address: $0.address, options: ListenOptions())
      }
    for one in wanted where !held.contains(one.label) {
      let problem = try asking { () throws(LinkError) in
        try link.tryListening(one.label, one.address, sockets: workers, one.options)
      }
      guard let problem else { continue }
      throw ConfigurationRefusal(message: "\(one.name) cannot listen: \(problem)")
    }
    do throws(LinkError) {
      try link.prepared(&welcome)
    } catch {
      throw ConfigurationRefusal(message: "\(error)")
    }
  }

  private static func asking<Answer>(
    _ body: () throws(LinkError) -> Answer
  ) throws(ConfigurationRefusal) -> Answer {
    do throws(LinkError) {
      return try body()
    } catch {
      throw ConfigurationRefusal(message: "\(error)")
    }
  }
}
