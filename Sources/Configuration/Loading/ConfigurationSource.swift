/// One file of a configuration, already read.
public struct ConfigurationSource: Sendable, Equatable {
  /// As messages show it.
  public var path: String
  public var text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}
