package import Primitives

/// What may be written as a value: the decoder checks by it, and the schema and the reference are
/// made from it.
package indirect enum Shape: Sendable {
  case text(TextRule)
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case boolean
  case duration(ClosedRange<TimeSpan>)
  /// Bytes.
  case size(ClosedRange<Int64>)
  /// Percent, `20%`; a fraction when decoded.
  case share(ClosedRange<Int>)
  case address(AddressRule)
  /// One of `values`; those of `later` are known, but not supported yet.
  case choice(values: [String], later: [String])
  /// `200` or `200-299`.
  case statusRange
  /// A file's path; its text, of at most so many bytes, is read with the configuration.
  case file(most: Int)
  case list(Shape, count: ClosedRange<Int>)
  /// One of them, or a list; a list when decoded.
  case oneOrMore(Shape, most: Int)
  /// A map whose keys are names that the user gives. `NAME` in paths stands for such a key.
  case table(Shape, keys: TextRule)
  case object(ObjectDescription)
  /// A scalar as a short form of a map.
  case shorthand(Shape, ObjectDescription)
}

/// What a text has to be like.
package enum TextRule: Sendable, CaseIterable {
  case name
  /// `2`, or `25%`.
  case countOrShare
  /// Printable, short.
  case label
  /// Any text; may have several lines.
  case free
  /// As `label` and `filePath`; `${VERSION}` stays for each revision.
  case versionedLabel, versionedPath
  /// Any text; `${PORT}`, `${REPLICA}` and `${VERSION}` stay for each replica's start.
  case perReplica
  /// Any text; `${RELEASE}` and others stay for each version.
  case perRelease
  /// Any text; `${SERVER}` and others stay for each check.
  case perCheck
  /// Any text; `${SERVER}` and others stay for each promotion.
  case perPromotion
  case environmentName
  case hostName
  /// A host, or `*.example.com`.
  case hostPattern
  case routePath
  /// Of a request; letter case matters.
  case method
  /// A header that a route may match by.
  case matchedField
  case parameterName
  /// `*`, `PREFIX*`, or a value.
  case condition
  /// Text in which variables such as `${host}` stay, for each request; what is wrong with one is told
  /// with its place.
  case template
  /// A header that a route may change in requests, and in answers.
  case requestField
  case answerField
  /// A regular expression; what is wrong with one is told with its place.
  case expression
  case requestPath
  /// `client-ip`, `header:NAME` …
  case requestKey
  /// `10.0.0.0/8`, or one address.
  case addressBlock
  /// `100/s`, `10/m`, `5/h`.
  case rate
  /// `client-ip`, `header:NAME`, `cookie:NAME` or `all`.
  case rateKey
  case cookieName
  case filePath
  /// A path, `-` or `off`.
  case logTarget
  /// Text with `${…}` of `LogTemplate`; nothing of the environment is put in.
  case logTemplate
  /// Text with `${…}` of `MessageTemplate`, likewise.
  case messageTitle, messageLine
  /// The name of a header field.
  case fieldName
  /// `503` or `5xx`.
  case errorStatus
  /// `text/html`, `text/*` or `*+json`.
  case mediaType
  /// `0660`.
  case fileMode
  /// `08:00`.
  case clockTime
  /// `mon`, or `mon-fri`.
  case weekdays
}

package enum AddressRule: Sendable {
  /// Where to listen: any host, also none.
  case listening
  /// Where to connect: a host is needed.
  case server
  /// As `listening`, but a unix path is said by another key.
  case network
}

/// One key of a map of the configuration.
package struct KeyDescription: Sendable {
  package var name: String
  package var shape: Shape
  /// One sentence.
  package var summary: String
  package var isRequired: Bool
  /// What holds without the key: YAML that could be written instead, or nil where leaving it away
  /// can't be written.
  package var standard: String?
  /// A value unlike the default, as YAML.
  package var example: String

  package init(
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
package struct ObjectDescription: Sendable {
  /// With its article: `a listener`.
  package var title: String
  package var summary: String
  package var keys: [KeyDescription]
  /// Keys that are planned; they are refused as not supported yet, never ignored.
  package var later: [String]
  /// Exactly one of these keys is needed, or none where the group is not required.
  package var oneOf: [String]

  package init(
    _ title: String, _ summary: String, keys: [KeyDescription], later: [String] = [],
    oneOf: [String] = []
  ) {
    self.title = title
    self.summary = summary
    self.keys = keys
    self.later = later
    self.oneOf = oneOf
  }

  package subscript(name: String) -> KeyDescription? { keys.first { $0.name == name } }
}
