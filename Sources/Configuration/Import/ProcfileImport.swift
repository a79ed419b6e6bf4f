/// A Procfile: a line for each process, `NAME: COMMAND`, where the command is one for a shell and
/// `$PORT` is where `web` has to listen.
struct ProcfileImport {
  static let mostProcesses = 1_000

  private(set) var log: DiagnosticLog

  init(log: DiagnosticLog) { self.log = log }

  mutating func services() -> [ImportedService] {
    let source = log.sources[0]
    var services: [ImportedService] = []
    var release: (command: [String], place: SourceRange)?
    var offset = 0
    while offset < source.bytes.count {
      let line = source.line(at: offset)
      let place = SourceRange(file: 0, bytes: line)
      offset = line.upperBound
      // Over the line break, and a carriage return before it.
      while offset < source.bytes.count, source.bytes[offset] != 10 { offset += 1 }
      offset += 1
      guard let process = process(source.text(line), place) else { continue }
      if process.name == "release" {
        release = (process.command, place)
        continue
      }
      guard !services.contains(where: { $0.name == process.name }) else {
        log.error("there are two processes of the name \(Quoted.value(process.name))", at: place)
        continue
      }
      guard services.count < Self.mostProcesses else {
        log.error("there are more than \(Self.mostProcesses) processes", at: place)
        break
      }
      services.append(process)
    }
    if let release { prepare(release.command, release.place, &services) }
    return services
  }

  private mutating func process(_ line: String, _ place: SourceRange) -> ImportedService? {
    let text = line.trimmed
    if text.isEmpty || text.hasPrefix("#") { return nil }
    guard let colon = text.firstIndex(of: ":") else {
      log.error("this is no line of a Procfile", at: place, help: "write 'NAME: COMMAND'")
      return nil
    }
    let name = String(text[..<colon]).trimmed
    let command = String(text[text.index(after: colon)...]).trimmed
    if let problem = TextRule.name.problem(with: name) {
      log.error(problem.message, at: place, help: problem.help)
      return nil
    }
    guard !command.isEmpty else {
      log.error("the process \(Quoted.value(name)) has no command", at: place, help: "write one")
      return nil
    }
    var service = ImportedService(name: name, place: place)
    service.command = ["sh", "-c", Self.shellText(command)]
    if name == "web" {
      let port = ImportedService.Port(
        published: "8080", target: "8080", transport: .http, place: place)
      service.ports = [port]
      if !command.contains("PORT") {
        log.warning(
          "the command names no $PORT, so its replicas listen where Ballast does not look",
          at: place,
          help: "let it listen at $PORT of 127.0.0.1")
      }
    } else {
      // A worker listens nowhere.
      service.health = ImportedService.Health.none
    }
    return service
  }

  /// What runs before a release runs before the first replica of a version.
  private mutating func prepare(
    _ command: [String], _ place: SourceRange, _ services: inout [ImportedService]
  ) {
    let first = services.firstIndex { $0.name == "web" } ?? services.indices.first
    guard ConfigurationKeys.run["prepare"] != nil, let first else {
      log.warning(
        "'release' is not carried over: Ballast runs no command before a new version", at: place,
        help: "run it before `ballast apply`")
      return
    }
    services[first].prepare = command
    log.warning(
      "'release' runs before the first replica of each new version of \(services[first].name)",
      at: place, help: "no version of the others waits for it")
  }

  /// A command that the shell reads as it was: `exec`, so that signals reach the program, where it is
  /// a single one; `${` as the shell's own.
  static func shellText(_ command: String) -> String {
    let isSingle = !command.contains { "&|;<>(){}`\n".contains($0) } || command.onlyReferences
    let isPlain = isSingle && !command.startsWithAssignment && !command.hasPrefix("exec ")
    let text = isPlain ? "exec \(command)" : command
    return text.replacing("${", with: "$${")
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// Whether braces stand only in `${NAME}`.
  fileprivate var onlyReferences: Bool {
    var rest = self[...]
    while let open = rest.firstIndex(where: { "&|;<>(){}`\n".contains($0) }) {
      guard rest[open] == "{", open > rest.startIndex,
        rest[rest.index(before: open)] == "$", let close = rest[open...].firstIndex(of: "}")
      else { return false }
      rest = rest[rest.index(after: close)...]
    }
    return true
  }

  /// `NAME=value program`, which `exec` cannot begin.
  fileprivate var startsWithAssignment: Bool {
    guard let first = split(separator: " ").first else { return false }
    return first.contains("=")
  }
}
