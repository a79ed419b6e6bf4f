import Glibc
import LibFuzzer
import Primitives
import Routing
import Wire

/// The input is lines `HOST PATH METHOD PRIORITY` of routes, `-` for any and `~` before an expression,
/// then an empty line and the head of a request.
///
/// 1. The table leads where asking rule after rule leads.
/// 2. A path in canonical form is its own form, and its bytes are all that routes and servers see.
/// 3. An expression is refused or compiled, and takes a path in its time.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let gap = input.indices.dropLast().first(where: { input[$0] == 10 && input[$0 + 1] == 10 })
  else { return 0 }
  let lines = input[..<gap].split(separator: 10).prefix(32)
  let table = RouteTable(RouteOrder.rules(lines.compactMap(route)))
  var bytes = Array(input[(gap + 2)...])
  var head = RequestHead()
  guard (try? head.read(bytes.span)) == true, makeCanonical(&head, &bytes) else { return 0 }
  let client = ClientAddress(.loopback(port: 1))
  let found = table.route(for: head, bytes.span, client: client)
  let expected = table.rules.first { rule in
    rule.mismatch(head, bytes.span, client: client) == nil
  }?.route
  precondition(found == expected, "the table leads elsewhere")
  return 0
}

private func route(_ line: ArraySlice<UInt8>) -> (match: RouteMatch, priority: Int)? {
  let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
  guard words.count == 4 else { return nil }
  var match = RouteMatch()
  if words[0] != "-" {
    // Patterns are checked before they come so far.
    let isGood = words[0].split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
      let name = $0.hasPrefix("*.") ? $0.dropFirst(2) : $0
      return !name.isEmpty && !name.contains("*") && name != "." && !name.hasPrefix(".")
    }
    guard isGood else { return nil }
    match.hosts = words[0].split(separator: ",").map { HostPattern(String($0)) }
  }
  if words[1].hasPrefix("~") {
    guard let expression = try? PathExpression(String(words[1].dropFirst())) else { return nil }
    match.path = .expression(expression)
  } else {
    let path = Array(words[1].utf8)
    guard CanonicalPath.of(path) == path else { return nil }
    match.path = PathPattern(words[1])
  }
  if words[2] != "-" { match.conditions.methods = [words[2]] }
  return (match, Int(words[3]) ?? 0)
}

/// - Returns: false when the path is refused.
private func makeCanonical(_ head: inout RequestHead, _ bytes: inout [UInt8]) -> Bool {
  let query = head.pathRange.upperBound..<head.targetRange.upperBound
  let before = Array(bytes[query])
  let isPlain = head.hasPlainPath(bytes.span)
  let written = Array(bytes[head.pathRange])
  do {
    var span = bytes.mutableSpan
    try head.makePathCanonical(&span)
  } catch {
    precondition(!isPlain, "a plain path is refused")
    return false
  }
  let path = Array(bytes[head.pathRange])
  precondition(!isPlain || path == written, "a plain path is changed")
  if path.first == 47 { precondition(CanonicalPath.of(path) == path, "a form of a form") }
  precondition(Array(bytes[query]) == before, "the query is changed")
  return true
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
