public import Primitives
public import Tracing

/// `traces: { url, encoding, headers, … }`.
public struct TraceSettings: Sendable, Equatable {
  public enum Encoding: String, Sendable, CaseIterable { case json, protobuf }

  /// `continue`: whose traces are gone on with.
  enum Continuation: String, Sendable, CaseIterable { case trusted, all }

  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Where spans go, and as what.
  public struct Collector: Sendable, Equatable {
    /// `http://` or `https://`, without a user's name.
    public var url: String
    public var encoding = Encoding.protobuf
    /// Beside our own; they may hold secrets.
    public var headers: [Header] = []
    /// A file of authorities instead of the system's, absolute.
    public var ca: String?
    /// For one message, connecting included.
    public var timeout = TimeSpan.seconds(10)
    /// `service.name` of the resource.
    public var service = "ballast"
    /// More of its attributes, in the file's order.
    public var resource: [Header] = []

    public init(url: String) { self.url = url }
  }

  public var collector: Collector
  public var rules = TraceRules()

  public init(url: String) { collector = Collector(url: url) }
}
