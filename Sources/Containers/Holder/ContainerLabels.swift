internal import Supervision

/// What tells that a container is ours, and which one it is.
public struct ContainerLabels: Sendable, Equatable {
  public static let state = "ballast.state"
  static let service = "ballast.service"
  static let replica = "ballast.replica"
  static let template = "ballast.template"
  static let version = "ballast.version"
  static let port = "ballast.port"

  /// Of which Ballast: its state's.
  public var instance: String
  public var service: String
  public var replica: String
  /// Equal templates are equal programs.
  public var template: String
  public var version: String?
  /// On 127.0.0.1 of the machine.
  public var port: UInt16

  init(_ order: HolderOrder, replica: String, port: UInt16) {
    instance = order.container.instance
    service = order.service
    template = order.template
    version = order.version
    self.replica = replica
    self.port = port
  }

  /// Of a container that the daemon tells of; nil when it is none of ours.
  public init?(_ labels: [String: String]) {
    guard let instance = labels[Self.state], !instance.isEmpty,
      let service = labels[Self.service], let replica = labels[Self.replica],
      let template = labels[Self.template], let port = labels[Self.port].flatMap({ UInt16($0) })
    else { return nil }
    self.instance = instance
    self.service = service
    self.replica = replica
    self.template = template
    self.port = port
    version = labels[Self.version]
  }

  var all: [String: String] {
    var all = [
      Self.state: instance, Self.service: service, Self.replica: replica,
      Self.template: template, Self.port: "\(port)",
    ]
    all[Self.version] = version
    return all
  }

  /// The same one, whatever it is called: it can be taken over as it runs.
  func isSame(as other: ContainerLabels) -> Bool {
    instance == other.instance && replica == other.replica && template == other.template
      && port == other.port
  }

  /// What the replica's container is called.
  public static func name(replica: String, instance: String) -> String {
    "ballast-\(instance)-\(replica)"
  }
}
