import Primitives

extension Shape {
  /// With its article, for messages and the reference.
  var noun: String {
    switch self {
    case .text(.name), .text(.cookieName): "a name"
    case .text(.requestKey): "a part of a request"
    case .text(.addressBlock): "an IP address or a block of them"
    case .text(.countOrShare): "a number, or a share such as 25%"
    case .text(.rate): "a rate"
    case .text(.rateKey): "what clients are told apart by"
    case .text(.hostName), .text(.hostPattern): "a host"
    case .text(.method): "a method"
    case .text(.condition): "a value, `PREFIX*` or `*`"
    case .text(.expression): "a regular expression"
    case .text(.routePath), .text(.requestPath): "a path"
    case .text(.filePath), .text(.versionedPath): "a file's path"
    case .text(.fileMode): "permissions in octal"
    case .text(.clockTime): "a time of the day"
    case .text(.weekdays): "a day of the week or a range of them"
    case .text(.logTarget): "a file's path, `-` or `off`"
    case .text(.logTemplate), .text(.messageTitle), .text(.messageLine):
      "text with `${…}` in it"
    case .text(.fieldName): "a header field's name"
    case .text(.mediaType): "a media type"
    case .text: "text"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))"
    case .boolean: "true or false"
    case .duration(let range): "a duration from \(range.lowerBound) to \(range.upperBound)"
    case .size(let range):
      "a size from \(Self.bytes(range.lowerBound)) to \(Self.bytes(range.upperBound))"
    case .share(let range): "a share from \(range.lowerBound)% to \(range.upperBound)%"
    case .address: "an address"
    case .choice(let values, _): "one of \(values.joined(separator: ", "))"
    case .statusRange: "a status code or a range of them"
    case .file: "a file's path"
    case .list: "a list"
    case .oneOrMore(let item, _): "\(item.noun) or a list"
    case .table, .object: "a map"
    case .shorthand(let short, _): "\(short.noun) or a map"
    }
  }

  /// How it is written, as advice.
  var hint: String {
    switch self {
    case .integer(let range): "write \(range.lowerBound) to \(range.upperBound), in digits"
    case .number: "write a number such as 0.5"
    case .boolean: "write 'true' or 'false'"
    case .duration: "write a duration such as 500ms, 2s, 5m or 1h"
    case .size: "write a size such as 64KiB or 256MiB"
    case .share(let range): "write a share such as \(max(20, range.lowerBound))%"
    case .address: "write an address such as \"10.0.0.11:8080\""
    case .choice(let values, _): "the values are \(values.joined(separator: ", "))"
    case .statusRange: "write 200, or 200-299, in 100 to 599"
    case .file: "write a path, such as ./503.html"
    case .list: "write '[ … ]'"
    case .oneOrMore(let item, _): item.hint
    case .table, .object: "write '{ … }'"
    case .shorthand(let short, _): short.hint
    case .text(.name), .text(.cookieName): "write a name"
    case .text(.requestKey): "write \(RequestKeySettings.forms)"
    case .text(.fieldName): "write a name such as User-Agent"
    case .text(.addressBlock): "write an address such as 10.0.0.7, or a block such as 10.0.0.0/8"
    case .text(.method): "write a method such as GET"
    case .text(.condition): "write a value, 'PREFIX*', or '*' for any"
    case .text(.countOrShare): "write '1' or '25%'"
    case .text(.rate): RateLimitSettings.rateForms
    case .text(.rateKey): "write \(RateLimitSettings.keyForms)"
    case .text(.fileMode): "write permissions such as \"0660\""
    case .text(.clockTime): "write a time such as \"08:00\""
    case .text(.weekdays): "write a day such as mon, or mon-fri"
    case .text: "write text, in quotes if it has special characters"
    }
  }

  /// Whether every `${…}` stays that can't be a variable of the environment.
  var isTemplate: Bool { if case .text(.template) = self { true } else { false } }

  /// The names in `${…}` that stay as they are written, for later.
  var kept: Set<String> {
    switch self {
    case .text(.perReplica): ["PORT", "REPLICA", "VERSION", "RELEASE", "SECRETS"]
    case .text(.perRelease): ["RELEASE", "SOURCE", "SERVICE", "VERSION", "REVISION"]
    case .text(.versionedLabel), .text(.versionedPath): ["VERSION"]
    case .text(.perCheck): ["ADDRESS", "HOST", "PORT", "SERVER", "SERVICE"]
    case .text(.perPromotion): ["SERVER", "ADDRESS", "FROM", "SERVICE", "EPOCH"]
    default: []
    }
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(clamping: Int64(number)))" : "\(number)"
  }

  private static func bytes(_ count: Int64) -> String {
    for (unit, suffix) in [
      (Int64(1) << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"),
    ]
    where count >= unit && count % unit == 0 {
      return "\(count / unit)\(suffix)"
    }
    return "\(count)"
  }
}
