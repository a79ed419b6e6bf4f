import Configuration
import Faults

extension ControlPlane {
  /// The collector of traces took nothing, or takes it again.
  func tracesChanged(_ problem: String?) {
    guard let problem else {
      recorder.note("traces-delivered", .info, "the collector takes traces again")
      return
    }
    let url = loaded.settings.traces?.collector.url ?? "the former collector"
    recorder.note(
      "traces-failing", .warning, "traces are not taken by \(url), and wait: \(problem)")
  }
}
