import Configuration
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// One line of the access log for each stream, when it ends.
extension Worker {
  mutating func logStream(_ stream: Int, _ reason: StreamEnd.Reason) {
    guard let style = accessLog?.format.style, takesStream(reason) else { return }
    writer.removeAll()
    switch style {
    // What a template has are values of requests.
    case .json, .template: writeStreamJSON(stream, reason)
    case .combined: writeStreamCombined(stream)
    }
    writer.append(UInt8(ascii: "\n"))
    unsafe accessLog?.append(writer.bytes, now: now)
  }

  /// Of streams, and of clients of UDP, those that ended as they should are sampled.
  mutating func takesStream(_ reason: StreamEnd.Reason) -> Bool {
    guard let sampling = accessLog?.sampling, isOrdinary(reason) else { return true }
    return takesDrawn(sampling)
  }

  private func isOrdinary(_ reason: StreamEnd.Reason) -> Bool {
    switch reason {
    case .clientClosed, .serverClosed, .clientLeft, .idleTimeout: true
    default: false
    }
  }

  private mutating func writeStreamJSON(_ stream: Int, _ reason: StreamEnd.Reason) {
    writer.append("{\"time\":\"")
    logClock.appendTimestamp(Clock.wallTime, to: &writer)
    writer.append("\",\"listener\":\"")
    writer.append(listenerName(streams[stream].listener))
    writer.append("\",\"client\":\"")
    streams[stream].peer.append(to: &writer)
    writer.append("\",\"protocol\":\"")
    writer.append(protocolName(stream))
    if !streams[stream].serverName.isEmpty {
      writer.append("\",\"serverName\":\"")
      // Its bytes were found to be those of a name.
      writer.append(streams[stream].serverName)
    }
    writer.append("\",\"reason\":\"")
    writer.append(reason.name)
    writer.append("\"")
    if let service = streams[stream].service {
      writer.append(",\"service\":\"")
      writer.append(service.name)
      writer.append("\"")
      if let server = streams[stream].server {
        writer.append(",\"server\":\"")
        writer.append(servers[server].name)
        writer.append("\"")
      }
    }
    writer.append(",\"retries\":")
    writer.append(decimal: streams[stream].machine.retries)
    writer.append(",\"bytesIn\":")
    writer.append(decimal: Int(truncatingIfNeeded: streams[stream].relay.received(from: .first)))
    writer.append(",\"bytesOut\":")
    writer.append(decimal: Int(truncatingIfNeeded: streams[stream].relay.received(from: .second)))
    if streams[stream].tryBegan != .zero {
      writer.append(",\"queue\":")
      writer.append(milliseconds: streams[stream].tryBegan - streams[stream].began)
    }
    if streams[stream].connected != .zero {
      writer.append(",\"connect\":")
      writer.append(milliseconds: streams[stream].connected - streams[stream].tryBegan)
    }
    writer.append(",\"total\":")
    writer.append(milliseconds: now - streams[stream].began)
    writeStreamShare(reason)
    writer.append("}")
  }

  mutating func writeStreamShare(_ reason: StreamEnd.Reason) {
    guard let sampling = accessLog?.sampling, isOrdinary(reason) else { return }
    writeShare(sampling.share)
  }

  /// A stream has no request line: its protocol and listener stand there, and 0 for the status.
  private mutating func writeStreamCombined(_ stream: Int) {
    streams[stream].peer.append(to: &writer)
    writer.append(" - - [")
    logClock.appendCommon(Clock.wallTime, to: &writer)
    writer.append("] \"")
    writer.append(protocolName(stream))
    writer.append(UInt8(ascii: " "))
    writer.append(listenerName(streams[stream].listener))
    writer.append("\" 0 ")
    writer.append(decimal: Int(truncatingIfNeeded: streams[stream].relay.received(from: .second)))
    writer.append(" \"-\" \"-\"")
  }

  private mutating func protocolName(_ stream: Int) -> StaticString {
    switch streams[stream].kind {
    case .tlsPassthrough: "tls-passthrough"
    case .tcp, .http, .udp: "tcp"
    }
  }

  mutating func listenerName(_ id: ListenerID) -> String {
    guard id.index < listenerPlaces.count, listenerPlaces[id.index] >= 0 else { return "" }
    return snapshot.listeners[listenerPlaces[id.index]].name
  }
}
