import Routing
import Wire

/// What routes answer and change, with templates that are checked to their ends here.
extension SettingsBuilder {
  static let longestAnswer = 32 << 10

  mutating func directAnswer(
    _ object: DecodedObject, path: PathPattern
  ) -> RouteSettings.Action? {
    if let redirect = object.object("redirect") {
      guard let location = template("to", of: redirect, for: .redirect, path: path),
        isGoodLocation(location, of: redirect)
      else { return nil }
      let status = redirect.text("status").flatMap { Int($0) } ?? 307
      return .redirect(Redirect(status: status, location: location, path: path))
    }
    guard let respond = object.object("respond") else { return nil }
    let status = respond.integer("status") ?? 200
    let body = Array((respond.text("body") ?? "").utf8)
    if FixedAnswer.bodiless.contains(status), !body.isEmpty {
      log.error(
        "an answer of \(status) has no body", at: respond.keyPlace("body") ?? respond.place,
        help: "remove it, or take another status")
    }
    if body.count > Self.longestAnswer {
      log.error(
        "the body has more than 32 KiB", at: respond.keyPlace("body") ?? respond.place,
        help: "let a server answer")
    }
    let type = respond.text("contentType") ?? "text/plain; charset=utf-8"
    if !type.utf8.allSatisfy({ $0 < 127 }) {
      log.error(
        "the type of the body is not ASCII", at: respond["contentType"]?.place ?? respond.place,
        help: "write one such as 'text/html; charset=utf-8'")
    }
    return .respond(FixedAnswer(status: status, contentType: type, body: body))
  }

  /// A client must never be sent to a host that a request has chosen.
  private mutating func isGoodLocation(
    _ location: TextTemplate, of object: DecodedObject
  ) -> Bool {
    let place = object["to"]?.place ?? object.place
    let text = location.text
    guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      log.error(
        "the place of a redirect has a character that a URL cannot have", at: place,
        help: "encode it as %XX")
      return false
    }
    let scheme = ["http://", "https://", "${scheme}://"].first { text.hasPrefix($0) }
    guard let scheme else {
      let isPath =
        text.hasPrefix("/") && !text.hasPrefix("//") || text.hasPrefix("${path}")
        || text.hasPrefix("${uri}")
      if !isPath {
        log.error(
          "\(Quoted.value(text)) is neither a path nor a URL", at: place,
          help: "begin it with '/', 'https://', or '${path}'")
      }
      return isPath
    }
    // A path of the request begins with a slash, and so ends the host as one does.
    let plain = text.dropFirst(scheme.count).replacing("${host}", with: "host")
      .replacing("${path}", with: "/").replacing("${uri}", with: "/")
    let authority = plain.prefix { !"/?#".contains($0) }
    guard !authority.isEmpty, !authority.contains("@"), !authority.contains("${") else {
      log.error(
        "the host of a redirect is written out, or '${host}'", at: place,
        help: "another variable would let a request send the client anywhere")
      return false
    }
    return true
  }

  mutating func rewrite(_ object: DecodedObject?, path: PathPattern) -> RewriteSettings {
    guard let object else { return RewriteSettings() }
    let rewritten = template("path", of: object, for: .path, path: path)
    if let rewritten, let place = object["path"]?.place {
      let sample = Self.filled(rewritten)
      if CanonicalPath.of(sample) != sample
        || !sample.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 35 && $0 != 63 })
      {
        log.error(
          "\(Quoted.value(rewritten.text)) is no path in its plain form", at: place,
          help: "begin it with '/', without '//', '..', query and fragment")
      }
    }
    let host = template("host", of: object, for: .host, path: path)
    if let host, let place = object["host"]?.place {
      let sample = Self.filled(host)
      if !HostSyntax.isValid(sample.span, sample.indices) {
        log.error(
          "\(Quoted.value(host.text)) is not a host", at: place,
          help: "write one such as orders.internal, perhaps with a port")
      }
    }
    return RewriteSettings(path: rewritten, host: host)
  }

  /// The template with `x` in the place of each variable.
  private static func filled(_ template: TextTemplate) -> [UInt8] {
    template.parts.flatMap { part -> [UInt8] in
      switch part {
      case .text(let text): text
      case .variable(.rest): Array("/x".utf8)
      case .variable: [UInt8(ascii: "x")]
      }
    }
  }

  mutating func edits(
    _ object: DecodedObject?, for use: TextTemplate.Use, path: PathPattern
  ) -> FieldEdits {
    guard let object else { return FieldEdits() }
    var names: Set<String> = []
    func fields(_ key: String) -> [FieldEdits.Field] {
      object.table(key).compactMap { entry in
        guard case .text(let text) = entry.value.content else { return nil }
        if key == "set", !names.insert(entry.key.lowercased()).inserted {
          log.error(
            "the header \(Quoted.value(entry.key)) is set twice", at: entry.keyPlace,
            help: "letter case does not matter")
        }
        return template(text, at: entry.value.place, for: use, path: path).map {
          FieldEdits.Field(name: entry.key, value: $0)
        }
      }
    }
    let set = fields("set")
    return FieldEdits(
      set: set, add: fields("add"),
      remove: (object.texts("remove") ?? []).map { Array($0.lowercased().utf8) })
  }

  // MARK: Templates

  private mutating func template(
    _ key: String, of object: DecodedObject, for use: TextTemplate.Use, path: PathPattern
  ) -> TextTemplate? {
    guard let text = object.text(key), let place = object[key]?.place else { return nil }
    return template(text, at: place, for: use, path: path)
  }

  private mutating func template(
    _ text: String, at place: SourceRange, for use: TextTemplate.Use, path: PathPattern
  ) -> TextTemplate? {
    do throws(TextTemplate.Problem) {
      return try TextTemplate(text, for: use, path: path)
    } catch {
      let near =
        log.isFull ? nil : error.name.flatMap { NearestName.find($0, among: error.candidates) }
      log.error(
        "\(Quoted.value(text)) \(Quoted.safe(error.message))",
        at: log.place(of: text, from: error.offset, in: place),
        help: near.map { "did you mean '${\($0)}'?" } ?? error.help)
      return nil
    }
  }
}
