import Configuration

/// A format made ready for writing: names as bytes, a template's text and values in their order.
struct AccessLogFormat: Sendable {
  enum Style: Sendable {
    case json, combined
    case template([Segment])
  }

  enum Segment: Sendable {
    case text([UInt8])
    case variable(LogVariable)
    /// A kept field, as an index into `LoggedFields`.
    case field(Int)
  }

  let style: Style
  /// In lower case. In `LoggedFields` those of the request come first.
  let requestFields: [[UInt8]]
  let responseFields: [[UInt8]]

  init(_ format: LogSettings.AccessFormat) {
    var names = LoggedFieldNames()
    switch format {
    case .json(let fields):
      style = .json
      names = fields
    case .combined:
      style = .combined
      names.request = ["referer", "user-agent"]
    case .template(let template):
      names = template.fields
      style = .template(
        template.segments.map { segment in
          switch segment {
          case .text(let text): .text(Array(text.utf8))
          case .variable(let variable): .variable(variable)
          case .requestHeader(let index): .field(index)
          case .responseHeader(let index): .field(template.fields.request.count + index)
          }
        })
    }
    requestFields = names.request.map { Array($0.utf8) }
    responseFields = names.response.map { Array($0.utf8) }
  }

  /// Whether something has to be kept of the heads, which are gone when the line is written.
  var keepsFields: Bool { !requestFields.isEmpty || !responseFields.isEmpty }
}
