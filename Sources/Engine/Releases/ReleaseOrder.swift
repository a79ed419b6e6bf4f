import Configuration
import EventLoop
import Faults
import Primitives
import Supervision

/// How a version's folder is made: all of it but where.
struct ReleaseOrder: Sendable, Equatable {
  var settings: ReleaseSettings
  var service: String
  var version: String?
  /// The template's fingerprint, and the folder's name.
  var revision: String

  /// Below the state's folder.
  func folder(in state: String) -> String { "\(state)/releases/\(service)/\(revision)" }

  func spec(in state: String) -> ReleaseSpec {
    ReleaseSpec(
      folder: folder(in: state),
      files: settings.files.map {
        .init(name: $0.name, text: $0.text, mode: UInt32(clamping: $0.mode))
      },
      kept: settings.keep)
  }

  /// What makes another version of it: all that a folder has in it, but not how long it may take.
  static func identity(of settings: ReleaseSettings) -> [UInt8] {
    var parts = settings.prepare
    for file in settings.files { parts += [file.name, String(file.mode, radix: 8), file.text] }
    return parts.flatMap { Array("\($0.utf8.count):\($0)".utf8) }
  }

  func variables(_ folder: String) -> [CommandRunner.Variable] {
    [
      ("RELEASE", folder), ("SOURCE", settings.source), ("SERVICE", service),
      ("VERSION", version ?? ""), ("REVISION", revision),
    ]
  }
}

extension ControlPlane {
  /// Makes a version's folder, unless it is complete; calls `done` once.
  func prepare(_ order: ReleaseOrder, done: @escaping (CommandOutcome) -> Void) {
    let release = order.spec(in: loaded.settings.state.path)
    let began = Clock.now
    commands.run(
      CommandSettings(arguments: order.settings.prepare, directory: release.folder),
      order.variables(release.folder), within: order.settings.timeout, as: .hook,
      release: release
    ) { outcome in
      let version = order.version.map { " \($0)" } ?? ""
      if !outcome.succeeded {
        self.recorder.note(
          "prepare-failed", .error, service: order.service,
          "\(order.service)\(version): \(ReleaseOrder.failure(outcome))")
      } else if Clock.now - began > .milliseconds(100) || !outcome.output.isEmpty {
        self.recorder.note(
          "prepared", service: order.service,
          "\(order.service)\(version): its release is ready: \(release.folder)")
      }
      done(outcome)
    }
  }
}

extension ReleaseOrder {
  private static let shownLines = 5

  /// How `prepare` ended, with its last lines.
  static func failure(_ outcome: CommandOutcome) -> String {
    let lines = outcome.output.split(whereSeparator: \.isNewline)
      .filter { !$0.allSatisfy(\.isWhitespace) }.suffix(shownLines)
    let said = lines.isEmpty ? "" : ": \(lines.joined(separator: " | "))"
    return "prepare \(outcome.end)\(said)"
  }
}
