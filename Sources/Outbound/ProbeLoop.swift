internal import CCurl
internal import Synchronization

/// Probes, many at once, on one thread that `run` is given: their TLS handshakes keep nobody else
/// waiting. Each has a connection of its own.
///
/// Safe because the thread of `run` alone touches the transfers; the others leave orders.
@safe public final class ProbeLoop: @unchecked Sendable {
  /// Under way at once; others wait for their turn.
  public static let atOnce = 64

  /// Called on the loop's thread with a probe's number, once for each that was not cancelled.
  public typealias Ended = @Sendable (UInt64, Result<OutboundResponse, OutboundError>) -> Void

  private enum Order {
    case begin(UInt64, OutboundProbe, Ended)
    case cancel(UInt64)
  }

  private struct Running {
    let number: UInt64
    let call: Call
    let ended: Ended
  }

  private let multi: UnsafeMutableRawPointer
  private let orders = Mutex<[Order]>([])
  private let latest = Atomic<UInt64>(0)
  private var waiting: [(number: UInt64, probe: OutboundProbe, ended: Ended)] = []
  /// By handle.
  private var running: [UInt: Running] = [:]

  public init() throws(OutboundError) {
    guard let multi = unsafe curl_multi_init() else { throw .other("libcurl could not start") }
    unsafe self.multi = multi
  }

  deinit {
    for probe in running.values { unsafe curl_multi_remove_handle(multi, probe.call.handle) }
    unsafe curl_multi_cleanup(multi)
  }

  /// From any thread.
  /// - Returns: its number, for `cancel`.
  public func begin(_ probe: OutboundProbe, ended: @escaping Ended) -> UInt64 {
    let number = latest.wrappingAdd(1, ordering: .relaxed).newValue
    leave(.begin(number, probe, ended))
    return number
  }

  /// From any thread. Its end may still be told if it came in this moment.
  public func cancel(_ number: UInt64) { leave(.cancel(number)) }

  /// Serves for as long as the process lives.
  public func run() -> Never {
    while true {
      carryOutOrders()
      beginWaiting()
      var count: Int32 = 0
      unsafe curl_multi_perform(multi, &count)
      endReady()
      guard orders.withLock({ $0.isEmpty }) else { continue }
      // Wakes for its transfers, their timers, and orders.
      unsafe curl_multi_poll(multi, nil, 0, Self.longestWaitMilliseconds, nil)
    }
  }

  private static let longestWaitMilliseconds: Int32 = 60_000

  private func leave(_ order: Order) {
    orders.withLock { $0.append(order) }
    unsafe curl_multi_wakeup(multi)
  }

  private func carryOutOrders() {
    let taken = orders.withLock { orders in
      let taken = orders
      orders = []
      return taken
    }
    for order in taken {
      switch order {
      case .begin(let number, let probe, let ended): waiting.append((number, probe, ended))
      case .cancel(let number):
        waiting.removeAll { $0.number == number }
        guard let key = running.first(where: { $0.value.number == number })?.key,
          let probe = running.removeValue(forKey: key)
        else { continue }
        unsafe curl_multi_remove_handle(multi, probe.call.handle)
      }
    }
  }

  private func beginWaiting() {
    while running.count < Self.atOnce, !waiting.isEmpty {
      let next = waiting.removeFirst()
      do throws(OutboundError) {
        let call = try Self.call(next.probe)
        let code = unsafe curl_multi_add_handle(multi, call.handle)
        guard code == CURLM_OK else { throw OutboundError.other("libcurl took no more") }
        running[unsafe UInt(bitPattern: call.handle)] = Running(
          number: next.number, call: call, ended: next.ended)
      } catch {
        next.ended(next.number, .failure(error))
      }
    }
  }

  private func endReady() {
    var code = CURLE_OK
    while let handle = unsafe ballast_curl_next_ended(multi, &code) {
      unsafe curl_multi_remove_handle(multi, handle)
      guard let probe = running.removeValue(forKey: UInt(bitPattern: handle)) else {
        continue
      }
      probe.ended(probe.number, probe.call.result(code))
    }
  }

  private static func call(_ probe: OutboundProbe) throws(OutboundError) -> Call {
    let extent: Transfer.Extent = probe.goal == .body ? .beginning : .head
    let transfer = Transfer(bodyLimitBytes: probe.request.bodyLimitBytes, extent: extent)
    let call = try Call(probe.request, transfer)
    try call.options.avoidReuse()
    if probe.goal == .connection { try call.options.onlyConnect() }
    return call
  }
}
