import Configuration
import Glibc
import LibFuzzer

/// Any text is loaded or refused, and a refusal has a place in the text and a sentence.
// Named as libFuzzer's own main wants it, though ours is used.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  let loader = ConfigurationLoader(
    environment: ["PORT": "8080", "EMPTY": ""], folder: "/etc/ballast", readFile: { _ in "text" })
  switch loader.load([ConfigurationSource(path: "ballast.yaml", text: text)]) {
  case .loaded(let settings, _):
    precondition(settings.services.allSatisfy { !$0.name.isEmpty })
  case .refused(let diagnostics):
    precondition(!diagnostics.isEmpty)
    for diagnostic in diagnostics {
      precondition(diagnostic.line >= 1 && diagnostic.column >= 1)
      precondition(!diagnostic.rendered(color: false).isEmpty)
    }
  }
  return 0
}

@main
struct Program {
  static func main() { exit(fuzzer_run(CommandLine.argc, CommandLine.unsafeArgv, fuzz)) }
}
