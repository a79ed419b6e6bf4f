import Primitives

/// What may be written as a value: the decoder checks by it, and the schema and the reference are
/// made from it.
indirect enum Shape: Sendable {
  case text(TextRule)
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case boolean
  case duration(ClosedRange<TimeSpan>)
  /// Bytes.
  case size(ClosedRange<Int64>)
  /// `0%` to `100%`; a fraction when decoded.
  case share
  case address(AddressRule)
  /// One of `values`; those of `later` are known, but not supported yet.
  case choice(values: [String], later: [String])
  /// `200` or `200-299`.
  case statusRange
  case list(Shape, count: ClosedRange<Int>)
  /// A map whose keys are names that the user gives. `NAME` in paths stands for such a key.
  case table(Shape, keys: TextRule)
  case object(ObjectDescription)
  /// A scalar as a short form of a map.
  case shorthand(Shape, ObjectDescription)
}

/// What a text has to be like.
enum TextRule: Sendable, CaseIterable {
  case name
  /// Printable, short.
  case label
  /// Any text; may have several lines.
  case free
  /// Any text; `${PORT}` and `${REPLICA}` stay for each replica's start.
  case perReplica
  case environmentName
  case hostName
  case routePath
  case requestPath
  case filePath
  /// A path, `-` or `off`.
  case logTarget
}

enum AddressRule: Sendable {
  /// Where to listen: any host, also none.
  case listening
  /// Where to connect: a host is needed.
  case server
  /// As `listening`, but a unix path is said by another key.
  case network
}

/// One key of a map of the configuration.
struct KeyDescription: Sendable {
  var name: String
  var shape: Shape
  /// One sentence.
  var summary: String
  var isRequired: Bool
  /// What holds without the key: YAML that could be written instead, or nil where leaving it away
  /// can't be written.
  var standard: String?
  /// A value unlike the default, as YAML.
  var example: String

  init(
    _ name: String, _ shape: Shape, required: Bool = false, standard: String? = nil,
    example: String, _ summary: String
  ) {
    self.name = name
    self.shape = shape
    self.summary = summary
    isRequired = required
    self.standard = standard
    self.example = example
  }
}

/// A map with known keys.
struct ObjectDescription: Sendable {
  /// With its article: `a listener`.
  var title: String
  var summary: String
  var keys: [KeyDescription]
  /// Keys that are planned; they are refused as not supported yet, never ignored.
  var later: [String]
  /// Exactly one of these keys is needed, or none where the group is not required.
  var oneOf: [String]

  init(
    _ title: String, _ summary: String, keys: [KeyDescription], later: [String] = [],
    oneOf: [String] = []
  ) {
    self.title = title
    self.summary = summary
    self.keys = keys
    self.later = later
    self.oneOf = oneOf
  }

  subscript(name: String) -> KeyDescription? { keys.first { $0.name == name } }
}
