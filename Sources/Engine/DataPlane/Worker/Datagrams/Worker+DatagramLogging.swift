import Configuration
import EventLoop
import Primitives
import Proxying
import Topology

/// One line of the access log for each client of UDP, when it is forgotten.
extension Worker {
  mutating func logDatagrams(_ session: Int, _ reason: StreamEnd.Reason) {
    guard let style = accessLog?.format.style, takesStream(reason) else { return }
    writer.removeAll()
    let peer = PeerText(datagrams[session].origin.peer.address)
    let listener = listenerName(listeners[datagrams[session].key.listener].id)
    switch style {
    case .json, .template: writeDatagramJSON(session, reason, peer, listener)
    case .combined:
      peer.append(to: &writer)
      writer.append(" - - [")
      logClock.appendCommon(Clock.wallTime, to: &writer)
      writer.append("] \"udp ")
      writer.append(listener)
      writer.append("\" 0 ")
      writer.append(decimal: Int(truncatingIfNeeded: datagrams[session].bytesOut))
      writer.append(" \"-\" \"-\"")
    }
    writer.append(UInt8(ascii: "\n"))
    unsafe accessLog?.append(writer.bytes, now: now)
  }

  private mutating func writeDatagramJSON(
    _ session: Int, _ reason: StreamEnd.Reason, _ peer: PeerText, _ listener: String
  ) {
    writer.append("{\"time\":\"")
    logClock.appendTimestamp(Clock.wallTime, to: &writer)
    writer.append("\",\"listener\":\"")
    writer.append(listener)
    writer.append("\",\"client\":\"")
    peer.append(to: &writer)
    writer.append("\",\"protocol\":\"udp\",\"reason\":\"")
    writer.append(reason.name)
    writer.append("\",\"service\":\"")
    writer.append(datagrams[session].service.name)
    writer.append("\",\"server\":\"")
    writer.append(servers[datagrams[session].server].name)
    writer.append("\",\"datagramsIn\":")
    writer.append(decimal: Int(truncatingIfNeeded: datagrams[session].datagramsIn))
    writer.append(",\"datagramsOut\":")
    writer.append(decimal: Int(truncatingIfNeeded: datagrams[session].datagramsOut))
    writer.append(",\"bytesIn\":")
    writer.append(decimal: Int(truncatingIfNeeded: datagrams[session].bytesIn))
    writer.append(",\"bytesOut\":")
    writer.append(decimal: Int(truncatingIfNeeded: datagrams[session].bytesOut))
    writer.append(",\"total\":")
    writer.append(milliseconds: now - datagrams[session].began)
    writeStreamShare(reason)
    writer.append("}")
  }
}
