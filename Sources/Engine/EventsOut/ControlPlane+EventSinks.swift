import AdminAPI
import Configuration
import EventLoop
import Faults
import Messaging
import Primitives
import Store
import TLS

/// Telling others what happens: which sinks there are, and how they do.
extension ControlPlane {
  /// Before anything is recorded that a new sink is to be told of.
  func recordForSinks() {
    let events = loaded.settings.events
    recorder.recordForSinks(
      !events.sinks.isEmpty, buffer: events.buffer, instance: containers.instance)
    recorder.writer.write(.sinks(events.sinks.map(\.name)))
  }

  /// Follows the configuration, and certificates that changed.
  func followEventSinks() {
    let targets = loaded.settings.events.sinks.map { sink in
      guard let tls = sink.tls else { return SinkTarget(settings: sink, security: .none) }
      return SinkTarget(
        settings: sink, security: .tls(sinkContext(sink, tls), serverName: tls.serverName))
    }
    for problem in eventSinks.follow(targets) { recorder.note("sink-failing", .error, problem) }
  }

  private func sinkContext(
    _ sink: EventSinkSettings, _ tls: ServiceTLSSettings
  ) -> TLSClientContext? {
    do throws(TLSProblem) {
      return try certificates.maker.client(
        CertificateKeeping.name(ofSink: sink.name), tls,
        tls.certificate.flatMap { certificates.shelf[$0]?.value },
        tls.authorityFiles.flatMap { certificates.shelf[$0]?.value }, protocols: [])
    } catch {
      recorder.note(
        "certificate-unusable", .error, "the sink \(sink.name) cannot speak TLS: \(error)")
      return nil
    }
  }

  func takeSinkNotices() {
    for notice in sinkNotices.takeAll() {
      let sink = notice.sink
      switch notice.notice {
      case .failing(let reason):
        recorder.note(
          "sink-failing", .warning,
          "the sink \(sink) is not told what happens, and it waits: \(reason)")
      case .recovered(let span):
        recorder.note(
          "sink-recovered", "the sink \(sink) is told what happens again, after \(span)")
      case .dropped(let count):
        recorder.note(
          "sink-dropped", .error,
          "\(count) messages for the sink \(sink) were dropped: its buffer is full, or they are too large"
        )
      }
    }
  }

  var eventSinkStatuses: [EventSinkStatus] {
    get async {
      let kept = (try? await recorder.store.outgoingStatuses()) ?? []
      let known = Dictionary(kept.map { ($0.sink, $0) }) { $1 }
      return loaded.settings.events.sinks.map { sink in
        let (shown, kept) = (eventSinks.shown(sink.name), known[sink.name])
        let isFailing = shown?.isFailing ?? true
        return EventSinkStatus(
          name: sink.name, kind: sink.target.kind,
          server: shown?.server ?? sink.servers.first.map { "\($0)" } ?? "",
          state: isFailing ? .failing : shown?.server != nil ? .connected : .idle,
          waiting: kept?.waiting ?? 0, waitingBytes: kept?.waitingBytes ?? 0,
          delivered: kept?.delivered ?? 0, dropped: kept?.dropped ?? 0,
          retries: shown?.retries ?? 0, lastError: shown?.lastError,
          lastDelivered: shown?.lastDelivered)
      }
    }
  }
}
