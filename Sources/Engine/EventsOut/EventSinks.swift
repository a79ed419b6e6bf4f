import Configuration
import EventLoop
import Primitives
import Store

/// All sinks of this engine. For the event loop's thread only.
final class EventSinks {
  private let store: Store
  private let notices: Mailbox<SinkNotice>
  private var pumps: [String: EventPump] = [:]
  private var isStopped = false

  init(_ store: Store, notices: Mailbox<SinkNotice>) {
    self.store = store
    self.notices = notices
  }

  /// Begins, changes and ends what differs.
  /// - Returns: a sentence for each sink that can't be begun.
  func follow(_ targets: [SinkTarget]) -> [String] {
    guard !isStopped else { return [] }
    let names = Set(targets.map(\.settings.name))
    for (name, pump) in pumps where !names.contains(name) {
      pump.stop()
      pumps[name] = nil
    }
    var problems: [String] = []
    for target in targets {
      let name = target.settings.name
      if let pump = pumps[name] {
        pump.retarget(target)
        continue
      }
      do throws(EventLoop.SystemError) {
        let notices = notices
        let pump = try EventPump(target, store: store, seed: Clock.now.nanoseconds) {
          notices.send($0)
        }
        try pump.run()
        pumps[name] = pump
      } catch {
        problems.append("the sink \(name) cannot begin: \(error)")
      }
    }
    return problems
  }

  /// Something was written.
  func wake() {
    for pump in pumps.values { pump.wake() }
  }

  func shown(_ name: String) -> EventPump.Shown? { pumps[name]?.shown }

  /// Another engine tells from here on.
  func stop() {
    isStopped = true
    for pump in pumps.values { pump.stop() }
    pumps = [:]
  }
}
