import AdminAPI
import Deployment
import EventLoop
import Faults
import Primitives

/// What goes out by itself: a sample a second, streams.
extension ControlPlane {
  static let sampleInterval = TimeSpan.seconds(1)
  static let logBeat = TimeSpan.milliseconds(250)

  /// Asks the workers once a second; a worker that doesn't answer delays the next sample only.
  func sample() {
    guard !isRetired else { return }
    reactor.schedule(after: Self.sampleInterval) { self.sample() }
    recorder.tick()
    measureReplicas()
    guard !isSampling else { return }
    isSampling = true
    Task { await self.takeSample() }
  }

  private func takeSample() async {
    let reports = await dataPlane.reports()
    let sample = TrafficSample(at: Clock.now, reports)
    history.add(sample, at: Clock.wallTime)
    followPeaks()
    isSampling = false
    followLoad(sample)
    tuneWeights(sample)
    followDeployments(sample)
    publishStatus()
  }

  /// Looks for new lines of logs that somebody follows.
  func beat() {
    guard !isRetired else { return }
    reactor.schedule(after: Self.logBeat) { self.beat() }
    for connection in admin.streaming {
      // The file waits for a slow reader; nothing has to be held here.
      guard case .logs(var tail) = connection.stream,
        connection.pendingBytes < AdminLimits.readBytes
      else { continue }
      let bytes = tail.more(of: logFiles(of: tail.service))
      connection.setStream(.logs(tail))
      connection.push(bytes)
    }
  }

  /// The log files of the replicas that there are.
  func logFiles(of service: String) -> [(replica: String, path: String)] {
    replicaSets[service]?.machine.replicas.map { ($0.name, logFile(of: $0.name)) } ?? []
  }

  func publishRecords(_ events: [EventRecord], _ faults: [FaultRecord]) {
    alerts.count(events)
    for event in events {
      let line = "\(event.type): \(event.message)"
      switch event.severity {
      case .info: log.info(line)
      case .warning: log.warning(line)
      case .error: log.error(line)
      }
    }
    for connection in admin.streaming {
      switch connection.stream {
      case .events(let service):
        for event in events where service == nil || event.service == service {
          connection.push(AdminJSON.event("event", id: event.id, event))
        }
      case .live:
        for event in events { connection.push(AdminJSON.event("event", id: event.id, event)) }
        for fault in faults { connection.push(AdminJSON.event("fault", fault)) }
      case .logs, nil: break
      }
    }
  }
}
