import Primitives

extension ShapeDecoder {
  /// A text in the place of one value.
  mutating func scalar(_ node: YAMLNode, as shape: Shape, name: String) -> DecodedValue {
    guard case .scalar(let written) = node.content else {
      return invalid(node, "\(name) must be \(shape.noun), not \(node.kind)", shape.hint)
    }
    if node.isNull {
      return invalid(node, "\(name) has no value", "\(shape.hint), or remove the key")
    }
    guard let text = text(of: node, written: written.text, shape: shape) else {
      return DecodedValue(content: .invalid, place: node.place)
    }
    switch content(of: text, as: shape, name: name) {
    case .success(let content): return DecodedValue(content: content, place: node.place)
    case .failure(let problem): return invalid(node, problem.message, problem.help)
    }
  }

  /// The text with the environment's values, or the file's that it names.
  private mutating func text(of node: YAMLNode, written: String, shape: Shape) -> String? {
    do {
      // A template has names of its own, which no variable of the environment may hide.
      let hasOwnNames =
        switch shape {
        case .text(.logTemplate), .text(.messageTitle), .text(.messageLine): true
        default: false
        }
      let text =
        hasOwnNames
        ? written
        : try substitution.expand(
          written, keeping: shape.kept, isTemplate: shape.isTemplate)
      return node.tag == .file ? try contents(of: text) : text
    } catch {
      log.error(error.message, at: node.place, help: error.help)
      return nil
    }
  }

  /// A short text, as `!file` takes it.
  private func contents(of path: String) throws(Substitution.Problem) -> String {
    let text = try contents(of: path, most: TextRule.longestText)
    // Editors end a file with a line break that is no part of a password.
    if text.utf8.last == 10 || text.utf8.last == 13 { return String(text.dropLast()) }
    return text
  }

  private func contents(of path: String, most: Int) throws(Substitution.Problem) -> String {
    if let problem = TextRule.filePath.problem(with: path) {
      throw Substitution.Problem(message: problem.message, help: problem.help)
    }
    let absolute = folder.absolute(path)
    let text: String
    do {
      text = try readFile(absolute)
    } catch {
      // Errors of files name the file themselves.
      var reason = "\(error)"
      if reason.hasPrefix("\(absolute): ") { reason.removeFirst(absolute.count + 2) }
      throw Substitution.Problem(
        message: "the file \(Quoted.value(absolute)) cannot be read: \(Quoted.safe(reason))",
        help: "the path is relative to the configuration's folder")
    }
    guard text.utf8.count <= most else {
      throw Substitution.Problem(
        message: "the file \(Quoted.value(absolute)) has more than \(most >> 10) KiB",
        help: "texts and pages that are kept in memory have to be short")
    }
    return text
  }

  private typealias Outcome = Result<DecodedValue.Content, Substitution.Problem>

  private func content(of text: String, as shape: Shape, name: String) -> Outcome {
    func wrong(_ help: String? = nil) -> Outcome {
      let noun = shape.noun
      return .failure(
        Substitution.Problem(
          message: "\(name) must be \(noun), not \(Quoted.value(text))", help: help ?? shape.hint))
    }
    switch shape {
    case .text(let rule):
      if let problem = rule.problem(with: text) {
        return .failure(
          Substitution.Problem(message: "\(name): \(problem.message)", help: problem.help))
      }
      return .success(.text(text))
    case .integer(let range):
      guard let number = ScalarText.integer(text), range.contains(number) else { return wrong() }
      return .success(.integer(number))
    case .number(let range):
      guard let number = ScalarText.decimal(text[...]), range.contains(number) else {
        return wrong()
      }
      return .success(.number(number))
    case .boolean:
      switch text {
      case "true": return .success(.boolean(true))
      case "false": return .success(.boolean(false))
      case "yes", "on", "Yes", "On", "True", "TRUE": return wrong("write 'true'")
      case "no", "off", "No", "Off", "False", "FALSE": return wrong("write 'false'")
      default: return wrong()
      }
    case .duration(let range):
      guard let span = ScalarText.duration(text), range.contains(span) else {
        return wrong(
          ScalarText.looksLikeInteger(text) && text.utf8.count < 10
            ? "a duration needs a unit: write '\(text)s' or '\(text)ms'" : nil)
      }
      return .success(.duration(span))
    case .size(let range):
      guard let bytes = ScalarText.size(text), range.contains(bytes) else { return wrong() }
      return .success(.size(bytes))
    case .share(let range):
      let fractions = Double(range.lowerBound) / 100...Double(range.upperBound) / 100
      guard let share = ScalarText.share(text), fractions.contains(share) else {
        let fraction = ScalarText.decimal(text[...]).flatMap { fractions.contains($0) ? $0 : nil }
        return wrong(fraction.map { "write '\(Int(($0 * 100).rounded()))%'" })
      }
      return .success(.share(share))
    case .statusRange:
      guard let range = ScalarText.statusRange(text) else { return wrong() }
      return .success(.statusRange(range))
    case .file(let most):
      do {
        let path = folder.absolute(text)
        return .success(.file(path: path, text: try contents(of: text, most: most)))
      } catch {
        return .failure(
          Substitution.Problem(message: "\(name): \(error.message)", help: error.help))
      }
    case .address(let rule): return address(text, rule: rule, name: name)
    case .choice(let values, let later): return choice(text, values, later, name: name)
    case .list, .oneOrMore, .table, .object, .shorthand: return wrong()
    }
  }

  private func choice(
    _ text: String, _ values: [String], _ later: [String], name: String
  ) -> Outcome {
    if values.contains(text) { return .success(.text(text)) }
    let allowed = values.joined(separator: ", ")
    if later.contains(text) {
      return .failure(
        Substitution.Problem(
          message: "\(Quoted.value(text)) for \(name) is not supported yet",
          help: "this version has \(allowed)"))
    }
    let near = log.isFull ? nil : NearestName.find(text, among: values + later)
    return .failure(
      Substitution.Problem(
        message: "\(name) cannot be \(Quoted.value(text))",
        help: (near.map { "did you mean '\($0)'? " } ?? "") + "The values are \(allowed)"))
  }

  private func address(_ text: String, rule: AddressRule, name: String) -> Outcome {
    func wrong(_ message: String, _ help: String) -> Outcome {
      .failure(Substitution.Problem(message: "\(name): \(message)", help: help))
    }
    if text.hasPrefix("unix:") {
      let path = folder.absolute(String(text.dropFirst(5)))
      guard rule != .network else {
        return wrong("a unix socket is not written here", "write 'socket: PATH' beside it")
      }
      guard text.utf8.count > 5, let address = SocketAddress("unix:\(path)") else {
        return wrong(
          "a unix socket's path has 1 to \(SocketAddress.longestUnixPath) bytes",
          "write 'unix:/path', shorter than that with the folder before it")
      }
      return .success(.address(address, written: text))
    }
    guard let address = SocketAddress(text) else {
      let problem = AddressProblem(text)
      return wrong(problem.message, problem.help)
    }
    if address.port == 0 { return wrong("a port is 1 to 65535", "write the port that you mean") }
    if rule == .server, address.isEveryHost, let port = address.port {
      return wrong(
        "\(Quoted.value(text)) is every address of the machine, not one to connect to",
        "write \"127.0.0.1:\(port)\", or the server's own address")
    }
    return .success(.address(address, written: text))
  }
}

extension SocketAddress {
  /// `0.0.0.0` and `::`.
  var isEveryHost: Bool {
    switch self {
    case .ipv4(let address, _): address == 0
    case .ipv6(let high, let low, _): high == 0 && low == 0
    case .unix: false
    }
  }
}
