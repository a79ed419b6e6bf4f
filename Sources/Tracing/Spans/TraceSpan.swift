/// One span as OpenTelemetry has it (opentelemetry-proto 1.5, `trace.proto`).
public struct TraceSpan: Sendable, Equatable {
  /// With the numbers of `Span.SpanKind`.
  public enum Kind: UInt8, Sendable {
    case `internal` = 1
    case server = 2
    case client = 3
  }

  public enum Value: Sendable, Equatable {
    case text(String)
    case number(Int64)
    case yes(Bool)
  }

  public struct Attribute: Sendable, Equatable {
    /// Ours, or one of the configuration, whose rule for it takes nothing that JSON would escape.
    public var name: String
    public var value: Value

    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public var trace: TraceIdentifier
  public var identifier: UInt64
  /// 0 for the first of its trace.
  public var parent: UInt64
  /// Whether the parent is another program's.
  public var isParentRemote: Bool
  public var flags: TraceFlags
  public var name: String
  public var kind: Kind
  /// Nanoseconds since 1970.
  public var began: UInt64
  public var ended: UInt64
  public var attributes: [Attribute]
  /// Why it failed; nil says nothing of it, as the conventions want for what did not.
  public var failure: String?

  public init(
    trace: TraceIdentifier, identifier: UInt64, parent: UInt64, isParentRemote: Bool = false,
    flags: TraceFlags, name: String, kind: Kind, began: UInt64, ended: UInt64,
    attributes: [Attribute] = [], failure: String? = nil
  ) {
    self.trace = trace
    self.identifier = identifier
    self.parent = parent
    self.isParentRemote = isParentRemote
    self.flags = flags
    self.name = name
    self.kind = kind
    self.began = began
    self.ended = ended
    self.attributes = attributes
    self.failure = failure
  }

  /// `flags` of the protocol: the W3C flags in the lowest eight bits, then that the next one is known, and
  /// whether the parent is remote.
  var wireFlags: UInt32 { UInt32(flags.rawValue) | 0x100 | (isParentRemote ? 0x200 : 0) }
}

/// Who sends spans.
public struct TraceResource: Sendable, Equatable {
  public var attributes: [TraceSpan.Attribute]
  /// The instrumentation scope's.
  public var version: String

  public init(attributes: [TraceSpan.Attribute], version: String) {
    self.attributes = attributes
    self.version = version
  }

  static let scope = "ballast"
}
