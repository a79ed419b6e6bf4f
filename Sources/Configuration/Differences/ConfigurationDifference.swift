/// One setting that two configurations have differently, as it is written: variables of the
/// environment stay references, and what is likely a secret is not shown.
public struct ConfigurationDifference: Sendable, Equatable {
  public enum Kind: String, Sendable { case listener, route, service, server, setting }
  public enum Change: String, Sendable { case added, removed, changed }

  public var kind: Kind
  /// Of the listener, the route, the service, or the key of the top level; of a server
  /// `SERVICE/SERVER`.
  public var name: String
  public var change: Change
  /// Keys with dots between: `services.shop.balance`.
  public var path: String
  /// YAML on one line, as it was and as it is to be; nil where nothing is written.
  public var old: String?
  public var new: String?
  /// What holds where nothing is written, if that can be said.
  public var standard: String?

  public init(
    kind: Kind, name: String, change: Change, path: String, old: String? = nil,
    new: String? = nil, standard: String? = nil
  ) {
    self.kind = kind
    self.name = name
    self.change = change
    self.path = path
    self.old = old
    self.new = new
    self.standard = standard
  }
}

/// A configuration by what it says and by what that means.
public struct ConfigurationVersion: Sendable {
  public var sources: [ConfigurationSource]
  public var settings: Settings

  public init(sources: [ConfigurationSource], settings: Settings) {
    self.sources = sources
    self.settings = settings
  }
}

extension ConfigurationVersion {
  /// What differs from here to `new`, at most `mostDifferences`: listeners, routes and services by
  /// their names, then everything else. What means the same, however it is written, is no difference.
  public func differences(to new: ConfigurationVersion) -> [ConfigurationDifference] {
    guard settings != new.settings else { return [] }
    var comparison = SettingComparison(old: settings, new: new.settings)
    comparison.compare(root, new.root)
    return comparison.found
  }

  public static let mostDifferences = 10_000

  /// Both were accepted before; a text that isn't YAML has nothing to compare.
  private var root: YAMLNode? {
    var log = DiagnosticLog(sources: sources.map { SourceText(path: $0.path, text: $0.text) })
    let roots = sources.indices.compactMap { YAMLParser.parse(file: $0, log: &log) }
    return SourceMerge.merge(roots, log: &log)
  }
}
