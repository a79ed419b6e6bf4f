import Configuration
import EventLoop
import Synchronization

/// Where the workers' traces go.
extension DataPlane {
  /// The exporter for these settings: the one in use where it goes to the same collector.
  /// - Throws: when its thread can't be started.
  func exporter(
    for settings: TraceSettings?
  ) throws(EventLoop.SystemError) -> TraceExporter? {
    guard let settings else { return nil }
    let current = traces.withLock { $0.exporter }
    if let current, current.collector == settings.collector { return current }
    let exporter = try TraceExporter(
      settings.collector, counters: traceCounters, notices: notices)
    try exporter.run()
    return exporter
  }

  /// Workers make traces by these settings from here on.
  func trace(_ settings: TraceSettings?, to exporter: TraceExporter?) {
    let isSame = traces.withLock { state in
      let isSame = state.settings == settings
      state.settings = settings
      state.exporter = exporter
      if let exporter { exporter.name(state.names) }
      return isSame
    }
    if !isSame { sendTraces(workerTraces(settings, exporter)) }
  }

  func workerTraces(_ settings: TraceSettings?, _ exporter: TraceExporter?) -> WorkerTraces? {
    guard let settings, let exporter else { return nil }
    return WorkerTraces(settings.rules, to: exporter, workers: count, now: Clock.now)
  }

  var makesTraces: Bool { traces.withLock { $0.exporter != nil } }

  /// What numbers stand for from here on.
  func nameTraces(_ names: TraceNames) {
    traces.withLock { state in
      state.names = names
      state.exporter?.name(names)
    }
  }

  /// The process ends: what there is goes out once. Ask `areTracesSent` then.
  func endTraces() { traces.withLock { $0.exporter }?.end() }

  var areTracesSent: Bool { traces.withLock { $0.exporter }?.hasEnded ?? true }

  /// Nil before any were made.
  var traceFigures: TraceCounters.Figures? {
    let (exporter, wasOn) = traces.withLock { ($0.exporter, $0.wasOn) }
    guard wasOn else { return nil }
    var figures = traceCounters.figures
    figures.waiting += exporter?.offeredSpans ?? 0
    return figures
  }
}

/// What is in use now.
struct TraceKeeping: Sendable {
  var settings: TraceSettings?
  var exporter: TraceExporter? { didSet { if exporter != nil { wasOn = true } } }
  private(set) var wasOn = false
  var names = TraceNames()
}
