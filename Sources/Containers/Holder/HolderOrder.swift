internal import FoundationEssentials
public import Supervision

/// What a holder is to hold: handed to it in its environment, since a command line is there for all to
/// read.
public struct HolderOrder: Codable, Sendable, Equatable {
  public static let variable = "BALLAST_CONTAINER"

  public var container: ContainerSpec
  public var service: String
  public var template: String
  public var version: String?
  public var stopSignal: ProcessSignal
  public var stopTimeoutMilliseconds: Int64

  /// Nil for a replica that is no container.
  public init?(_ spec: ReplicaSpec) {
    guard let container = spec.container else { return nil }
    self.container = container
    service = spec.service
    template = spec.template
    version = spec.version
    stopSignal = spec.stopSignal
    stopTimeoutMilliseconds = spec.stopTimeoutMilliseconds
  }

  init?(text: String) {
    guard let order = try? JSONDecoder().decode(HolderOrder.self, from: Data(text.utf8)) else {
      return nil
    }
    self = order
  }

  /// As JSON without a dollar sign, so that nothing in it is taken for a variable on its way.
  public var text: String? {
    guard let data = try? JSONEncoder().encode(self) else { return nil }
    return String(decoding: data, as: UTF8.self).replacing("$", with: "\\u0024")
  }
}
